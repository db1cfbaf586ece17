internal import ArgumentParser
internal import LMKV

/// A number as JSON writes it: an integer of 64 bits, or with a point or an exponent a double.
enum NumberArgument: ExpressibleByArgument {
  case integer(Int)
  case double(Double)

  init?(argument: String) {
    guard let value = try? Value(json: DashedNumbers.restored(argument)) else { return nil }
    if let integer = value.int {
      self = .integer(integer)
    } else if let double = value.double {
      self = .double(double)
    } else {
      return nil
    }
  }

  var defaultValueDescription: String {
    switch self {
    case .integer(let integer): "\(integer)"
    case .double(let double): "\(double)"
    }
  }
}
