import Foundation
import LMKV

/// The processes of the power-failure simulator: `PowerDriver ROLE ARGUMENT…`.
///
/// | role | |
/// |---|---|
/// | `work STORE MODE SEED STREAM THREADS TIMES` | transactions, as a process of a workload |
/// | `foreign STORE TIMES NAME` | a writer that knows LMDB but not LMKV |
/// | `succeed STORE MODE SEED` | the first process after a power failure |
/// | `other STORE MODE SEED TIMES` | makes another store, whose files may be mixed with an image's |
/// | `forgetful FILE` | writes pages, of which the second sync is to fail |
/// | `judge MODE SEED TRACE` | opens the images about which it is asked |
/// | `simulate [--mode M]… [--events E,E,…] [--images N] [--seconds S] [--seed X] [--keep DIR]` | power failures, until one of both is reached |
/// | `replay --mode M --events E --seed X --trace FILE --ticket T --choice C [--image DIR]` | one of them again |
@main
enum Driver {
  static func main() async {
    let arguments = CommandLine.arguments.dropFirst()
    do {
      let rest = Array(arguments.dropFirst())
      switch arguments.first {
      case "work" where rest.count == 6: try await work(rest)
      case "foreign" where rest.count == 3: try foreign(rest[0], number(rest[1]), rest[2])
      case "other" where rest.count == 4: try other(rest)
      case "succeed" where rest.count == 3: try succeed(rest)
      case "forgetful" where rest.count == 1: try forgetful(rest[0])
      case "judge" where rest.count == 3: try judge(rest)
      case "simulate": try simulate(Options(rest))
      case "replay": try replay(Options(rest))
      default:
        say(
          "usage: PowerDriver simulate [--mode M] [--events all|none|survived|E,E,…] [--images N] [--seconds S] [--seed X] [--keep DIR]"
        )
        exit(2)
      }
    } catch let error as LMKVError {
      // A refusal, which may be right; unlike damage and whatever else goes wrong.
      FileHandle.standardError.write(Data("PowerDriver: \(error.code): \(error.message)\n".utf8))
      exit(error.code == .corrupted ? 4 : 3)
    } catch {
      FileHandle.standardError.write(Data("PowerDriver: \(error)\n".utf8))
      exit(1)
    }
  }

  /// Says a line at once.
  static func say(_ line: String) {
    let bytes = Array((line + "\n").utf8)
    _ = bytes.withUnsafeBytes { write(STDOUT_FILENO, $0.baseAddress, $0.count) }
  }

  static func number(_ text: String) -> Int {
    guard let number = Int(text) else { exit(2) }
    return number
  }
}
