/// What kind of failure a judge's finding is.
public enum FaultKind: String, CaseIterable, Sendable {
  /// Something is missing that was promised to be there.
  case lost
  /// A part of a transaction is there, or something that no transaction wrote.
  case half
  /// The file, or what is in it, contradicts itself.
  case corrupt
  /// Two were told what cannot both be so.
  case falseAcknowledgement = "false acknowledgement"
  /// Recovery has made many bytes out of few.
  case inflated
  /// Who opened or used it was killed by it, or hangs.
  case crash
  /// It was not to be opened, without a reason.
  case refused

  public init(_ fault: String) {
    self =
      switch fault.prefix(while: { $0 != ":" }) {
      case "lost": .lost
      case "half": .half
      case "broken": .crash
      case "unopened": .refused
      case "inflated": .inflated
      case "false": .falseAcknowledgement
      default: .corrupt
      }
  }
}
