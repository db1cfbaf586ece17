import Harness

var allContenders: ContenderList<any RecordCodec.Type> {
  var contenders: [any RecordCodec.Type] = [JSONCodec.self, ProtobufCodec.self]
  contenders.insert(CBORCodec.self, at: 0)
  return ContenderList(contenders) { $0.name }
}

/// What ratios are relative to.
let baseName = JSONCodec.name
