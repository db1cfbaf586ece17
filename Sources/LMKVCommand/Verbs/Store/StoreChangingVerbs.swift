internal import ArgumentParser
internal import Foundation
internal import LMKV

struct StoreCreateVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "create",
    abstract: "Create an empty store.",
    discussion: """
      The directory around it must exist. Verbs that write create a store too; this one fails when there is one already, \
      so that of many who try, one succeeds.

      EXAMPLES:
        lmkv store create /var/lib/app/sessions

      JSON: {"name":"sessions","path":"/var/lib/app/sessions","uuid":"8B9D296F-E37A-4016-A263-964D84ED62F7"}

      EXIT STATUS: 1 when there is a store, or something else, at that path.
      """
  )

  @Argument(help: "The path of the new store.", completion: .directory) var path: StoreArgument
  @OptionGroup var options: StoreOptions

  func validate() throws { try options.refuseStore() }

  func run() throws {
    try options.withOutput { output in
      let store = try path.directory.create(path.name)
      let uuid = store.uuid
      try store.close()
      guard options.json else { return }
      try output.object([
        "name": .string(path.name), "path": .string(path.path), "uuid": .string(uuid.uuidString),
      ])
    }
  }
}

struct StoreRenameVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rename",
    abstract: "Give a store that nobody has open another name.",
    discussion: """
      It stays in its directory.

      EXAMPLES:
        lmkv store rename /var/lib/app/sessions logins

      JSON: {"from":"sessions","to":"logins","path":"/var/lib/app/logins"}

      EXIT STATUS: 1 when there is a store of the new name; 3 when a process has it open; 5 when there is no such store.
      """
  )

  @Argument(help: "The path of the store.", completion: .directory) var path: StoreArgument
  @Argument(help: ArgumentHelp("The new name, without a path.", valueName: "name")) var newName: String
  @OptionGroup var options: StoreOptions

  func validate() throws { try options.refuseStore() }

  func run() throws {
    try options.withOutput { output in
      let name = DashedNumbers.restored(newName)
      try path.directory.rename(path.name, to: name)
      guard options.json else { return }
      try output.object([
        "from": .string(path.name), "to": .string(name),
        "path": .string(StoreArgument(directory: path.directory, name: name).path),
      ])
    }
  }
}

struct StoreDeleteVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "delete",
    abstract: "Delete a store with everything in it.",
    discussion: """
      For good, and without asking. It is refused while a process has the store open. With --force it is not: such \
      processes go on reading what they have, and can soon write no more.

      EXAMPLES:
        lmkv store delete /var/lib/app/sessions

      JSON: {"name":"sessions","path":"/var/lib/app/sessions"}

      EXIT STATUS: 3 when a process has it open; 5 when there is no such store, or more than a store in its directory.
      """
  )

  @Argument(help: "The path of the store.", completion: .directory) var path: StoreArgument
  @Flag(help: "Also while processes have it open.") var force = false
  @OptionGroup var options: StoreOptions

  func validate() throws { try options.refuseStore() }

  func run() throws {
    try options.withOutput { output in
      try path.directory.delete(path.name, force: force)
      if options.json { try output.object(["name": .string(path.name), "path": .string(path.path)]) }
    }
  }
}
