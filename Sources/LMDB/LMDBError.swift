/// What LMDB, or the system below it, refused to do.
///
/// ```swift
/// do {
///   try environment.write { transaction in try transaction.put("1", for: "one", in: numbers) }
/// } catch LMDBError.Code.mapFull {
///   print("the store's size limit is reached")
/// }
/// ```
///
/// The code is an open set: LMDB's own codes are negative, the operating system's `errno` values positive, and the few
/// conditions that this wrapper finds before LMDB would crash or hang lie below `-31000`.
public struct LMDBError: Error, Hashable, Sendable {
  /// Which condition it was.
  public let code: Code

  /// What was being done, and to what: "open /var/lib/app/data.mdb". Never a key or a value.
  public let context: String

  public init(_ code: Code, _ context: String = "") {
    self.code = code
    self.context = context
  }
}

extension LMDBError: CustomStringConvertible {
  public var description: String {
    context.isEmpty ? code.description : "\(context): \(code.description)"
  }
}

extension LMDBError {
  /// A condition by number. Values that have no name here are legal: they are `errno` codes.
  public struct Code: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    public let rawValue: Int32

    public init(rawValue: Int32) {
      self.rawValue = rawValue
    }

    public var description: String {
      Code.sentences[self] ?? (unsafe Calls.describe(rawValue))
    }

    /// Lets `catch LMDBError.Code.mapFull` match any error that carries the code.
    public static func ~= (code: Code, error: any Error) -> Bool {
      (error as? LMDBError)?.code == code
    }
  }
}
