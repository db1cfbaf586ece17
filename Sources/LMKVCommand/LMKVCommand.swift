internal import ArgumentParser

/// The command `lmkv`: what all verbs have in common, and their list.
struct LMKVCommand: ParsableCommand {
  /// The one place where the version is written.
  static let version = "0.1.0"

  static let configuration = CommandConfiguration(
    commandName: "lmkv",
    abstract: "Look into a key-value store, and change it.",
    discussion: """
      A store is a directory that any number of processes share; it has scopes, and a scope has keys with values. \
      Values are JSON. Reading changes no entry, creates no store, and goes on beside whoever writes. The first verb on a \
      store that was not closed recovers it.

      EXAMPLES:
        export LMKV_STORE=/var/lib/app/state
        lmkv set users ada '{"name": "Ada", "born": 1815}'
        lmkv get users ada
        lmkv incr counters visits
        lmkv scan users --prefix a --json

      In scripts put -- before arguments that come from somewhere else: behind it all of them are data.

      A key with control characters is printed, and accepted, as a JSON string in its quotes: '"a\\u0000b"'.

      EXIT STATUS: 0 done, 1 not found or condition false, 2 wrong usage, 3 conflict, locked or timed out, \
      4 corrupted or not a store, 5 input or output failed.
      """,
    version: version,
    groupedSubcommands: [
      CommandGroup(
        name: "Reading",
        subcommands: [
          InfoVerb.self, ReadersVerb.self, LocksVerb.self, ScopesVerb.self, GetVerb.self, MGetVerb.self, KeysVerb.self,
          ScanVerb.self, CountVerb.self, TTLVerb.self, CheckVerb.self,
        ]
      ),
      CommandGroup(
        name: "Writing",
        subcommands: [
          SetVerb.self, MSetVerb.self, IncrVerb.self, AppendVerb.self, TakeVerb.self, DeleteVerb.self, ClearVerb.self,
          TouchVerb.self, PersistVerb.self, SweepVerb.self,
        ]
      ),
      CommandGroup(
        name: "Managing",
        subcommands: [ScopeVerb.self, StoreVerb.self, RecoverVerb.self, LockVerb.self]
      ),
    ]
  )

  // Here too, so that they can be given before the verb.
  @OptionGroup var options: StoreOptions
}
