internal import ArgumentParser
internal import LMKV

/// A value on the command line, or `-` for one on the standard input.
struct ValueArgument: ExpressibleByArgument {
  /// What the text of a value is.
  enum Reading {
    case json, string, bytes
  }

  private let argument: String

  init(argument: String) {
    self.argument = DashedNumbers.restored(argument)
  }

  /// Whether it stands for the standard input.
  var isInput: Bool { argument == "-" }

  func value(_ reading: Reading) throws -> Value {
    guard isInput else { return try Self.value(Array(argument.utf8), reading) }
    var input = try StandardInput().readAll()
    // A line's end belongs to the line, not to the word on it.
    if reading == .json, input.last == UInt8(ascii: "\n") { input.removeLast() }
    return try Self.value(input, reading)
  }

  private static func value(_ text: [UInt8], _ reading: Reading) throws -> Value {
    if reading == .bytes { return .bytes(text) }
    guard let text = String(validating: text, as: UTF8.self) else {
      throw CommandFailure(.usage, "The value is not UTF-8. Give --bytes to store it as bytes.")
    }
    return try reading == .string ? .string(text) : ValueText.parse(text)
  }
}
