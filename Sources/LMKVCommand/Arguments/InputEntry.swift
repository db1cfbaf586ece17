internal import Foundation
internal import LMKV

/// An entry that is to be written, from the arguments or from a line of the standard input.
struct InputEntry {
  let key: String
  let value: Value
  /// Nil: the line says nothing, or never.
  let expires: Date?
  /// The number of its line, from 1. Nil: it is an argument.
  private let line: Int?

  init(key: String, value: Value) {
    self.key = key
    self.value = value
    expires = nil
    line = nil
  }

  /// An object with a key, a value and perhaps an expiry, as `scan --json` prints it.
  init(json: [UInt8], line: Int) throws {
    func wrong(_ sentence: String) -> CommandFailure {
      CommandFailure(.usage, "Line \(line)\(sentence) Nothing was written.")
    }
    let object: Value
    do {
      object = try Value(json: json)
    } catch let error as DecodingError {
      throw wrong(": \(ValueText.sentence(error))")
    }
    guard let key = object["key"]?.string, let value = object["value"] else {
      throw wrong(" is no object with a \"key\" that is a string and a \"value\".")
    }
    switch object["expires"] ?? .null {
    case .null: expires = nil
    case .date(let date): expires = date
    default: throw wrong(" has an \"expires\" that is neither null nor a time such as {\"$date\":4102444800000}.")
    }
    self.key = key
    self.value = value
    self.line = line
  }

  /// Runs what writes the entry. An error of it says which line it was.
  func telling<R>(_ body: () throws -> R) throws -> R {
    do {
      return try body()
    } catch let error as LMKVError {
      guard let line else { throw error }
      throw LMKVError(error.code, "Line \(line): \(error.message) Nothing was written.", cause: error)
    }
  }
}
