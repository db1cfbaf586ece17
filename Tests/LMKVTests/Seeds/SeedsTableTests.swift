import Foundation
import Testing

@Suite struct SeedsTableTests {
  private static let root = URL(fileURLWithPath: #filePath).pathComponents.dropLast(4).joined(separator: "/")
    .dropFirst()

  @Test func `Every test that docs/seeds.md names exists`() throws {
    let page = try String(contentsOfFile: Self.root + "/docs/seeds.md", encoding: .utf8)
    let sources = try #require(FileManager.default.enumerator(atPath: Self.root + "/Tests"))
    var code = ""
    for case let file as String in sources where file.hasSuffix(".swift") {
      code += try String(contentsOfFile: Self.root + "/Tests/" + file, encoding: .utf8)
    }
    var count = 0
    for line in page.split(separator: "\n") where line.hasPrefix("| ") {
      // The last cell, in which names are between backticks.
      let cell = line.split(separator: "|").last ?? ""
      for (index, name) in cell.split(separator: "`", omittingEmptySubsequences: false).enumerated()
      where index % 2 == 1 {
        count += 1
        #expect(code.contains("func `\(name)`("), "\(name)")
      }
    }
    #expect(count > 60)
  }
}
