internal import LMDBPlatform

extension ExpiryIndex {
  /// An entry, as the index names it. It lies in the map: valid until the next write.
  @unsafe struct Pair {
    let databaseName: UnsafeRawBufferPointer
    let key: UnsafeRawBufferPointer

    func isIn(_ databaseName: String) -> Bool {
      unsafe self.databaseName.elementsEqual(databaseName.utf8)
    }

    func `is`(_ databaseName: String, _ key: UnsafeRawBufferPointer) -> Bool {
      unsafe self.key.elementsEqual(key) && isIn(databaseName)
    }
  }

  /// The values of the index: arrays of text strings, two for each entry.
  enum Pairs {
    static func read(_ value: UnsafeRawBufferPointer) throws -> [Pair] {
      do {
        var reader = unsafe CBORReader(value)
        let head = try reader.readHead()
        guard head.major == .array, !head.isIndefinite, head.argument % 2 == 0 else { throw damaged }
        var pairs: [Pair] = unsafe []
        for _ in 0..<(try reader.itemCount(head, bytesEach: 1, for: 0) / 2) {
          let databaseName = unsafe try readText(&reader)
          unsafe pairs.append(Pair(databaseName: databaseName, key: try readText(&reader)))
        }
        return unsafe pairs
      } catch is CBORFault {
        throw damaged
      }
    }

    private static func readText(_ reader: inout CBORReader) throws -> UnsafeRawBufferPointer {
      let start = reader.offset
      let head = try reader.readHead()
      guard head.major == .text, !head.isIndefinite else { throw damaged }
      return unsafe try reader.take(head.argument, for: start)
    }

    /// Writes pairs, and a further one, into an emptied writer.
    static func write(_ pairs: [Pair], and further: (String, UnsafeRawBufferPointer)?, to writer: CBORWriter) {
      writer.reset()
      writer.append(head: .array, UInt64(unsafe pairs.count + (further == nil ? 0 : 1)) * 2)
      unsafe pairs.forEach { pair in
        unsafe append(pair.databaseName, to: writer)
        unsafe append(pair.key, to: writer)
      }
      guard let (databaseName, key) = unsafe further else { return }
      var name = databaseName
      name.withUTF8 { unsafe append(UnsafeRawBufferPointer($0), to: writer) }
      unsafe append(key, to: writer)
    }

    private static func append(_ text: UnsafeRawBufferPointer, to writer: CBORWriter) {
      writer.append(head: .text, UInt64(text.count))
      unsafe writer.append(raw: text)
    }
  }
}
