import Testing

@Suite struct HelpTests {
  @Test("The help of get")
  func get() throws {
    try expectHelp(
      of: "get",
      """
      OVERVIEW: Print the value of a key.

      The value is printed as JSON, on a terminal indented. With --raw a string is
      printed without its quotes, and bytes as they are.

      EXAMPLES:
        lmkv get users ada
        lmkv get users ada --json
        lmkv get pages index.html --raw > index.html

      JSON:
      {"scope":"users","key":"ada","value":{"born":1815},"revision":7,"expires":null}

      EXIT STATUS: 1 when the key is absent.

      USAGE: lmkv get <scope> <key> [--raw] [--store <path>] [--immutable] [--timeout <duration>] [--json]

      ARGUMENTS:
        <scope>                 The name of the scope.
        <key>                   The key.

      OPTIONS:
        --raw                   Print a string without quotes, and bytes as they are.
        --store <path>          The directory of the store; without it $LMKV_STORE.
        --immutable             Read a store that nobody writes, without locks: on a
                                read-only medium.
        --timeout <duration>    How long to wait for other processes at most: 500ms,
                                5s, 2m, or seconds; 0: not at all. Without it a
                                minute.
        --json                  Print JSON: one object, or for lists one object a
                                line. Errors are JSON too.
        --version               Show the version.
        -h, --help              Show help information.

      """
    )
  }

  @Test("The help of delete")
  func delete() throws {
    try expectHelp(
      of: "delete",
      """
      OVERVIEW: Remove keys, or all keys of a selection.

      Removes all of them in one transaction, and prints how many there were. With
      --step a selection is removed in many short transactions, so that others can
      write in between. To remove everything, see clear.

      EXAMPLES:
        lmkv delete users ada bob
        lmkv delete sessions --pattern 'user:*:token'
        lmkv delete log --range ..2026-01-01 --step 10000
        lmkv delete locks report --if-value "$HOSTNAME"

      JSON: {"scope":"users","removed":1,"absent":["bob"]}
      When the condition does not hold, what is there, or null:
      {"scope":"users","key":"ada","current":{"value":1,"revision":7,"expires":null}}

      EXIT STATUS: 1 when one of the keys was absent, or the selection chose none;
      the others are removed. 1 when the condition does not hold.

      USAGE: lmkv delete <scope> [<key> ...] [--prefix <prefix>] [--pattern <glob>] [--range <from..to>] [--step <count>] [--if-revision <revision>] [--if-value <json>] [--store <path>] [--immutable] [--timeout <duration>] [--json]

      ARGUMENTS:
        <scope>                 The name of the scope.
        <key>                   The keys.

      SELECTION:
        --prefix <prefix>       Only keys that begin with this.
        --pattern <glob>        Only keys that match a glob: * ? [a-c] [^x] and \\ as
                                in Redis.
        --range <from..to>      Only keys from FROM up to and without TO; either can
                                be left out.

      CONDITION:
        --if-revision <revision>
                                Only if the entry has this revision still.
        --if-value <json>       Only if the value equals this one: JSON, or a bare
                                word.

      OPTIONS:
        --step <count>          Look at so many entries in each transaction.
        --store <path>          The directory of the store; without it $LMKV_STORE.
        --immutable             Read a store that nobody writes, without locks: on a
                                read-only medium.
        --timeout <duration>    How long to wait for other processes at most: 500ms,
                                5s, 2m, or seconds; 0: not at all. Without it a
                                minute.
        --json                  Print JSON: one object, or for lists one object a
                                line. Errors are JSON too.
        --version               Show the version.
        -h, --help              Show help information.

      """
    )
  }

  @Test("The version is one line, and completion scripts are printed")
  func versionAndCompletion() throws {
    #expect(try run(Command.executable, ["--version"]).output == "0.1.0\n")
    for shell in ["bash", "zsh", "fish"] {
      let result = try run(Command.executable, ["--generate-completion-script", shell])
      #expect(result.status == 0 && result.errors.isEmpty && result.output.contains("lmkv"))
    }
  }

  /// Compares the help in 80 columns, as `VERB --help` and as `help VERB`.
  private func expectHelp(of verb: String, _ text: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
    for arguments in [[verb, "--help"], ["help", verb]] {
      let result = try run(Command.executable, arguments, environment: ["COLUMNS": "80"])
      #expect(result.status == 0 && result.errors.isEmpty, sourceLocation: sourceLocation)
      #expect(result.output == text + "\n", sourceLocation: sourceLocation)
    }
  }
}
