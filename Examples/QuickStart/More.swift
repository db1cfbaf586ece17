import LMKV

func more(_ store: Store) throws {
  let sessions = store.scope("sessions", of: String.self)
  try sessions.set("s-1", "ada", expires: .minutes(30))
  print(try sessions.setIfAbsent("s-1", "bob").isApplied)
  print(try sessions.count(.matching("s-*")))

  // A page, and with `page.next` the one after it.
  let page = try sessions.page(.prefix("s-"), limit: 100)
  print(page.entries.map(\.key))

  try sessions.removeAll(.matching("*-1"))
}
