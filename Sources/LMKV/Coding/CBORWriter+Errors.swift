extension CBORWriter {
  func tooDeep() -> EncodingError {
    error("Arrays, maps and tags nest deeper than \(CBOR.maxDepth) levels.")
  }

  func tooManyValues() -> EncodingError {
    error("More than \(CBORFrame.limit) values are encoded within each other. Does the type encode itself without end?")
  }

  func outOfTurn() -> EncodingError {
    // What is asked of a container that could not be opened is in turn.
    if isTooDeep { return tooDeep() }
    return error(
      """
      An encoder or container was used out of turn: after its value was finished, while another value was being \
      encoded, as two kinds of container at once, or for a second single value.
      """
    )
  }

  /// Whether the innermost container, or one that this writer belongs to, could not be opened.
  private var isTooDeep: Bool {
    frameCount > 0 && frame.kind == .tooDeep || origin?.parent.isTooDeep ?? false
  }

  func error(_ sentence: String, value: Any = ()) -> EncodingError {
    .invalidValue(value, EncodingError.Context(codingPath: codingPath(frames: frameCount), debugDescription: sentence))
  }

  /// The keys from the outermost value to the frame with this ID.
  func codingPath(ofFrame id: Int) -> [any CodingKey] {
    codingPath(frames: index(ofFrame: id).map { $0 + 1 } ?? 0)
  }

  /// Built only when somebody asks: the keys are read back from the bytes.
  private func codingPath(frames count: Int) -> [any CodingKey] {
    var path: [any CodingKey] = []
    if let origin {
      path = origin.parent.codingPath(ofFrame: origin.frame)
      path.append(origin.key >= 0 ? origin.parent.key(at: origin.key) : CBORKey(index: origin.index))
    }
    for index in 0..<count {
      let frame = frame(at: index)
      if frame.key >= 0 {
        path.append(key(at: frame.key))
      } else if index > 0, [.array, .countedArray].contains(self.frame(at: index - 1).kind) {
        path.append(CBORKey(index: self.frame(at: index - 1).count))
      }
    }
    return path
  }

  func key(at offset: Int) -> CBORKey {
    unsafe withUnsafeBytes { bytes in
      var reader = unsafe CBORReader(bytes)
      reader.offset = offset
      return reader.readKey() ?? CBORKey(stringValue: "?")
    }
  }
}
