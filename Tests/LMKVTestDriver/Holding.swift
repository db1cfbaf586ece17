import Foundation
import LMDB
import LMKV

extension Driver {
  /// Writes in a transaction, and stays in it until it is killed. With `later` only when it is told.
  static func hold(_ path: String, _ arguments: [String]) throws {
    let store = try Store(path: path)
    if arguments.contains("later") {
      say("ready")
      _ = readLine()
    }
    try store.transaction { tx in
      try tx["held"].set("half", "done")
      say("holding")
      _ = readLine()
    }
  }

  /// Waits for a transaction, and says when it came to its turn, and when it had committed.
  static func take(_ path: String, _: [String]) throws {
    let store = try Store(path: path)
    say("waiting")
    let turn = try store.transaction { tx in
      let turn = nanoseconds
      try tx["held"].increment("taken")
      return turn
    }
    say("\(turn) \(nanoseconds)")
  }

  /// Does what it reads: `set SCOPE KEY JSON`, `get SCOPE KEY`, `scopes`, and answers each with a line.
  static func obey(_ path: String, _: [String]) throws {
    let store = try Store(path: path)
    say("ready")
    while let line = readLine() {
      let words = line.split(separator: " ", maxSplits: 3).map(String.init)
      switch words[0] {
      case "set":
        try store.scope(words[1]).set(words[2], Value(json: words[3]))
        say("done")
      case "get": say(try store.scope(words[1]).get(words[2])?.json ?? "absent")
      case "scopes": say(try store.scopes.joined(separator: " "))
      default: exit(64)
      }
    }
    try store.close()
  }

  /// PREFIX COUNT: creates as many scopes, with one entry each.
  static func createScopes(_ path: String, _ arguments: [String]) throws {
    let store = try Store(path: path)
    for index in 0..<number(arguments, 1) {
      try store.scope("\(arguments[0])\(index)").set("index", .integer(Int128(index)))
    }
    try store.close()
  }
}

extension Driver {
  /// Has the store open as a program that knows LMDB and not LMKV, with a snapshot, until its input ends.
  static func holdForeign(_ path: String, _: [String]) throws {
    let environment = try Environment.open(path)
    try environment.read { _ in
      say("open")
      while readLine() != nil {}
    }
  }
}
