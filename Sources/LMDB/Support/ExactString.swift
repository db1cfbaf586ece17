internal import LMDBPlatform

/// A string that equals another only if both have the same bytes of UTF-8, and is ordered by them.
///
/// `String` takes "é" as one scalar and "e" with a combining accent for equal. In a file they are two names, so what is
/// looked up by a name in memory must tell them apart as well: a dictionary of names has this as its key.
package struct ExactString: Hashable, Comparable, Sendable {
  package let text: String

  package init(_ text: String) {
    self.text = text
  }

  package static func == (left: ExactString, right: ExactString) -> Bool {
    left.text.hasSameBytes(as: right.text)
  }

  package static func < (left: ExactString, right: ExactString) -> Bool {
    left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
  }

  package func hash(into hasher: inout Hasher) {
    let isHashed: Void? = unsafe text.utf8.withContiguousStorageIfAvailable {
      unsafe hasher.combine(bytes: UnsafeRawBufferPointer($0))
    }
    // Only a bridged string lends no bytes.
    if isHashed == nil { for byte in text.utf8 { hasher.combine(byte) } }
    hasher.combine(0xFF as UInt8)
  }
}

extension String {
  /// Whether both strings have the same bytes of UTF-8. `==` asks whether Unicode takes them for equal.
  package func hasSameBytes(as other: String) -> Bool {
    let result: Bool?? = unsafe utf8.withContiguousStorageIfAvailable { own in
      unsafe other.utf8.withContiguousStorageIfAvailable { others in
        guard own.count == others.count else { return false }
        // An empty buffer may have no address.
        guard let left = own.baseAddress, let right = others.baseAddress else { return true }
        return unsafe memcmp(left, right, own.count) == 0
      }
    }
    if let result, let result { return result }
    return utf8.elementsEqual(other.utf8)
  }
}
