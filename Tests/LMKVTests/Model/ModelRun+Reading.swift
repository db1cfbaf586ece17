import Foundation
import LMKV

/// An entry as tests compare it: by its key's number and by the bytes of its value.
struct SeenEntry: Equatable {
  var rank: Int
  var bytes: [UInt8]
  var revision: UInt64?
  var expires: Date?
}

extension ModelRun {
  /// One operation that reads, anywhere.
  ///
  /// - Parameter past: what a snapshot should see. Nil: what is there now.
  func read(_ view: some ReadVerbs, _ scope: String, against past: Model? = nil) throws {
    switch number(0...15) {
    case 0...8: try readOne(view, scope, key(), past)
    case 9: try readSeveral(view, scope, past)
    case 10: try readPages(view, scope, past)
    default: try readSelection(view, scope, selection(), past)
    }
  }

  private func readOne(_ view: some ReadVerbs, _ scope: String, _ key: Model.Key, _ past: Model?) throws {
    let what = "\(scope) \(key.text.prefix(30).debugDescription)"
    switch number(0...8) {
    case 0:
      try check("contains \(what)", against: past) {
        try view.contains(key.text)
      } _: {
        try $0.living(scope, key) != nil
      }
    case 1:
      let fallback = goodValue()
      try check("get or default \(what)", against: past) {
        try exact(view.get(key.text, default: fallback))
      } _: {
        try $0.living(scope, key)?.bytes ?? exact(fallback)
      }
    case 2:
      try check("require \(what)", against: past) {
        try exact(view.require(key.text))
      } _: {
        guard let entry = try $0.living(scope, key) else { throw Model.Refusal(.keyNotFound) }
        return entry.bytes
      }
    case 3:
      try check("entry \(what)", against: past) {
        try view.entry(key.text).map(seen)
      } _: {
        try $0.living(scope, key).map { seen(key.rank ?? -1, $0) }
      }
    case 4:
      try check("time to live of \(what)", against: past) {
        try view.timeToLive(key.text)
      } _: { model in
        try model.living(scope, key).map { entry in
          entry.expiry.map { .remaining(.milliseconds($0 - model.now)) } ?? .forever
        }
      }
    case 5: try readAs(pick([Int.self, Int8.self, UInt64.self, Double.self]), view, scope, key, past)
    case 6: try readAs(pick([String.self, Bool.self, [Int].self, [String].self]), view, scope, key, past)
    default:
      try check("get \(what)", against: past) {
        try view.get(key.text).map(exact)
      } _: {
        try $0.living(scope, key)?.bytes
      }
    }
  }

  private func readAs(
    _ type: any ModelledType.Type,
    _ view: some ReadVerbs,
    _ scope: String,
    _ key: Model.Key,
    _ past: Model?
  ) throws {
    func reading<T: ModelledType>(_: T.Type) throws {
      try check("get \(scope) \(key.text.prefix(30).debugDescription) as \(type)", against: past) {
        try view.get(key.text, as: T.self).map { try exact($0.modelled) }
      } _: {
        try $0.living(scope, key).map { try exact(T.reading($0.value).modelled) }
      }
    }
    try reading(type)
  }

  private func readSeveral(_ view: some ReadVerbs, _ scope: String, _ past: Model?) throws {
    let keys = keys(upTo: 6)
    try check("get \(scope) \(keys.map(\.text))", against: past) {
      try view.get(keys.map(\.text)).map { try $0.value.map(exact) }
    } _: { model in
      try keys.map { try model.living(scope, $0)?.bytes }
    }
  }

  /// Every page of a selection, each from where the last one ended.
  private func readPages(_ view: some ReadVerbs, _ scope: String, _ past: Model?) throws {
    let selection = selection()
    let limit = number(0...6)
    let maxBytes = once(in: 3) ? number(1...60) : nil
    try check("pages of \(limit) of \(scope), \(selection.text)", against: past) {
      var all: [SeenEntry] = []
      var next: KeySelection? = selection.selection
      while let rest = next {
        let page = try view.page(rest, limit: limit, maxBytes: maxBytes)
        try expect(page.entries.count <= limit, "a page was too long")
        try expect(page.next == nil || !page.entries.isEmpty, "a page that is not the last one was empty")
        all += try page.entries.map(seen)
        next = page.next
      }
      return all
    } _: {
      if limit == 0 { throw Model.Refusal(.invalidArgument) }
      return pairs(selection, $0, scope)
    }
  }

  private func readSelection(
    _ view: some ReadVerbs,
    _ scope: String,
    _ selection: ModelSelection,
    _ past: Model?
  ) throws {
    let what = "\(scope), \(selection.text)"
    switch number(0...6) {
    case 0:
      try check("first of \(what)", against: past) {
        try view.first(selection.selection).map(seen)
      } _: {
        pairs(selection, $0, scope).first
      }
    case 1:
      try check("last of \(what)", against: past) {
        try view.last(selection.selection).map(seen)
      } _: {
        // Of what is reversed, and then limited: as if it had been asked for in this order.
        selection.limit == 0
          ? nil
          : selection.unlimited($0.ranks(scope), pool).last.map { [model = $0] rank in
            pair(rank, model, scope)
          }
      }
    case 2:
      try check("keys of \(what)", against: past) {
        try view.keyList(selection.selection).map(pool.rank)
      } _: {
        selection.chosen($0.ranks(scope), pool)
      }
    case 3:
      try check("all of \(what)", against: past) {
        try view.getAll(selection.selection).map(seen)
      } _: {
        pairs(selection, $0, scope)
      }
    case 4:
      try check("is \(scope) empty", against: past) {
        try view.isEmpty
      } _: {
        $0.ranks(scope).isEmpty
      }
    case 5:
      try check("count \(scope)", against: past) {
        try view.count(.all)
      } _: {
        $0.ranks(scope).count
      }
    default:
      try check("count \(what)", against: past) {
        try view.count(selection.selection)
      } _: {
        selection.chosen($0.ranks(scope), pool).count
      }
    }
  }

  // MARK: Comparing

  func exact(_ value: Value) throws -> [UInt8] {
    try Model.encoded(value)
  }

  func seen(_ pair: (key: String, value: Value)) throws -> SeenEntry {
    SeenEntry(rank: pool.rank(pair.key), bytes: try exact(pair.value))
  }

  func seen(_ entry: Entry<Value>) throws -> SeenEntry {
    SeenEntry(
      rank: pool.rank(entry.key),
      bytes: try exact(entry.value),
      revision: entry.revision,
      expires: entry.expires
    )
  }

  func seen(_ rank: Int, _ entry: Model.Entry) -> SeenEntry {
    SeenEntry(
      rank: rank,
      bytes: entry.bytes,
      revision: entry.revision,
      expires: entry.expiry.map { Date(timeIntervalSince1970: Double($0) / 1_000) }
    )
  }

  func pair(_ rank: Int, _ model: Model, _ scope: String) -> SeenEntry {
    SeenEntry(rank: rank, bytes: model.scopes[scope]?[rank]?.bytes ?? [])
  }

  func pairs(_ selection: ModelSelection, _ model: Model, _ scope: String) -> [SeenEntry] {
    selection.chosen(model.ranks(scope), pool).map { pair($0, model, scope) }
  }
}
