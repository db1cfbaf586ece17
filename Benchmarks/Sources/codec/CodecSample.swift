import Harness
import Records

/// What one round measured of one codec, for one record on average.
struct CodecSample {
  let encodeNanoseconds: Double
  let decodeNanoseconds: Double
  let bytes: Double

  var bothNanoseconds: Double { encodeNanoseconds + decodeNanoseconds }

  init<Codec: RecordCodec>(of type: Codec.Type, _ records: [Record], for duration: Duration) throws {
    let codec = Codec()
    let values = records.map(codec.value)
    let encoded = try values.map(codec.encode)
    for (value, bytes) in zip(values, encoded) where try codec.decode(bytes) != value {
      throw BenchmarkError("\(Codec.name) did not decode the record that it had encoded.")
    }
    encodeNanoseconds = try nanosecondsPerCall(for: duration, batch: values.count) { call in
      consume(try codec.encode(values[call % values.count]))
    }
    decodeNanoseconds = try nanosecondsPerCall(for: duration, batch: encoded.count) { call in
      consume(try codec.decode(encoded[call % encoded.count]))
    }
    bytes = Double(encoded.reduce(0) { $0 + $1.count }) / Double(encoded.count)
  }
}

/// Keeps the optimizer from dropping the work that made a value.
@inline(never)
private func consume<Value>(_ value: Value) {}
