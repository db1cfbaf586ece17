import Foundation
import Testing

/// Runs a Python program, given as its text, to its end.
///
/// ```swift
/// let reader = "import sys, cbor2; print(cbor2.loads(sys.stdin.buffer.read()))"
/// let result = try python(reader, modules: ["cbor2"], input: Data([0x18, 0x2A]))
/// ```
///
/// Without Python 3 or one of the modules the test is skipped, or fails when `CI` is set.
func python(
  _ script: String,
  _ arguments: [String] = [],
  modules: [String] = [],
  input: Data = Data(),
  timeout: Duration = .seconds(60),
  sourceLocation: SourceLocation = #_sourceLocation
) throws -> ProcessResult {
  let interpreter = try requireExecutable("python3", sourceLocation: sourceLocation)
  for module in modules {
    let trial = try run(interpreter, ["-c", "import \(module)"])
    if trial.status != 0 {
      try skipUnlessCI("Python has no module \(module). \(trial.errors)", sourceLocation: sourceLocation)
    }
  }
  return try run(interpreter, ["-c", script] + arguments, input: input, timeout: timeout)
}
