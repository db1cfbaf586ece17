import Foundation
import Testing

@Suite struct ReadmeTests {
  private static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// The README's Swift code, by the file of `Examples` that the comment above it names.
  private static func examples() throws -> [(path: String, code: String)] {
    let readme = try String(contentsOf: root.appending(path: "README.md"), encoding: .utf8)
    return readme.matches(of: /<!-- (Examples\/\S+) -->\n```swift\n((?s:.*?))```/).map {
      (String($0.1), String($0.2))
    }
  }

  @Test func `The README's code is the code of the examples, which are built with everything else`() throws {
    let examples = try Self.examples()
    #expect(examples.count == 3)
    for (path, code) in examples {
      let file = try String(contentsOf: Self.root.appending(path: path), encoding: .utf8)
      let isSame = file == code
      #expect(isSame, "\(path) and the README differ")
    }
  }

  @Test func `The README's quick start does what it says, also the second time`() throws {
    try withTemporaryDirectory { directory in
      let program = try DriverProcess.executable("QuickStart").path
      for visits in 1...2 {
        let result = try run(program, workingDirectory: directory.path)
        // The user is written anew by each run, and so are the visits.
        let isRight = result.status == 0 && result.output == "Ada\nada 1\n"
        #expect(isRight, "run \(visits): \(result.output)\(result.errors)")
      }
    }
  }
}
