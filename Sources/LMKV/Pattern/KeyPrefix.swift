/// The first key, in byte order, after all keys that begin with `prefix`: the exclusive end of their range.
///
/// It is the prefix with its last byte raised by one; a byte of 0xFF has no successor and falls away. Nil when nothing
/// comes after those keys, because the prefix is empty or all 0xFF.
func upperBound(ofKeysWithPrefix prefix: [UInt8]) -> [UInt8]? {
  guard let last = prefix.lastIndex(where: { $0 != 0xFF }) else { return nil }
  var bound = Array(prefix[...last])
  bound[last] += 1
  return bound
}
