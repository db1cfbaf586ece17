import LMKV

struct User: Codable, Sendable {
  var name: String
  var visits = 0
}

// A store is a directory; it is created when it is missing. A scope has string keys and values of one type.
let store = try Store(path: "state")
let users = store.scope("users", of: User.self)

try users.set("ada", User(name: "Ada"))
print(try users.get("ada")?.name ?? "nobody")

// Read, change, write: nobody comes in between.
try users.update("ada") { $0?.visits += 1 }

// All or nothing, over any number of scopes. A throw undoes all of it.
try store.transaction { tx in
  tx["bots"]["run", default: 0] += 1
  tx["bots"]["color"] = "green"
  if tx["bots"]["run", default: 0] > 1_000_000 { throw CancellationError() }
}

for (name, user) in try users.getAll(.prefix("a")) { print(name, user.visits) }
