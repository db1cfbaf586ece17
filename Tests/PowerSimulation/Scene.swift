import Foundation

/// One image and what befalls it: the same from the same trace and numbers.
struct Scene {
  let workload: Workload
  let other: OtherStore?
  /// What the mapped files held in the end.
  let left: [String: [UInt8]]
  /// The boot ID of those who came last.
  let lastBoot: String
  /// A state of before, with everything that was written.
  var older: (ticket: UInt64, files: [String: [UInt8]])?

  struct Set {
    let aftermath: Aftermath
    let image: CrashImage
    var question: Question
    let manner: String
  }

  /// What was written at a moment, all of it.
  static func everything(of disk: Disk, _ left: [String: [UInt8]]) -> [String: [UInt8]] {
    CrashImage(disk, choice: 0, left: left, losesWrites: false).files
  }

  func set(_ disk: Disk, at ticket: UInt64, choice: UInt64, in place: String) -> Set {
    let enabled = workload.mode.isStore ? workload.circumstances.enabled : []
    let aftermath = Aftermath(choice: choice, enabled: enabled, hasOlder: older != nil)
    var image = CrashImage(disk, choice: choice, left: left, losesWrites: aftermath.losesWrites)
    var manner = [aftermath.manner, image.manner]
    if let change = aftermath.change(&image.files, older: older?.files, other: other?.files ?? [:]) {
      manner.insert(change, at: 1)
    }
    // As after a start of the machine.
    var question = Question(
      directory: place,
      ticket: ticket,
      boot: workload.circumstances.boot(Int(choice >> 40) + 1_000)
    )
    aftermath.ask(
      &question,
      older: older?.ticket,
      others: other?.count ?? 0,
      boots: (lastBoot, workload.circumstances.boot)
    )
    // In each workload processes die, and a foreign program writes. A record whose process was killed before its commit, or
    // that could not be taken back when that had failed, and then a commit of the other program: in files at another place
    // that cannot be told from a commit of ours that a power failure has undone.
    question.refusals.insert(Question.foreignBranch)
    let met = workload.circumstances.met
    // Nor can anybody mend what a stranger has synced on top of pages that a failed sync has lost.
    if met.contains(.foreign) || (met.contains(.strangers) && disk.hasForgotten) {
      question.refusals.insert(Question.contradiction)
    }
    return Set(
      aftermath: aftermath,
      image: image,
      question: question,
      manner: manner.filter { !$0.isEmpty }.joined(separator: ", ")
    )
  }

  /// Puts the image into its directory, and lets a foreign program at it where one is to come.
  func play(_ set: inout Set) throws {
    try set.image.write(to: set.question.directory)
    guard set.aftermath.foreign > 0 else { return }
    let worker = try Worker(
      workload.driver,
      ["foreign", set.question.directory + "/store", String(set.aftermath.foreign), "after"],
      [:]
    )
    // What a power failure left, it may not be able to open.
    if try worker.fault() != nil { set.question.foreign = 0 }
  }
}
