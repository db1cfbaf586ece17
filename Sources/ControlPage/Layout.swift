internal import CFutex

/// Where everything is in the file `control`. Offsets in bytes; all numbers in the machine's own byte order.
///
/// Processes of different programs, built from different versions of this package, map the same page. Whoever changes
/// anything here changes ``Layout/revision``.
///
/// | offset | size | what |
/// |---|---|---|
/// | 0 | 8 | magic, written last: 0 means that nobody has finished initialising |
/// | 8 | 4 | version: `revision` in the low 16 bits, the C library and its mutex's size in the high 16 |
/// | 12 | 4 | size of the file |
/// | 16 | 16 | boot ID of the system that initialised it, for versions that go by it |
/// | 32 | 8 | when that was, Unix milliseconds |
/// | 40 | 4 | 1 if the kernel hands over the head of the queue in order (priority inheritance) |
/// | 48 | 8 | PID namespace of those who have the page open, the inode of `/proc/self/ns/pid`; 0 = not known |
/// | 64 | 64 | turn: mutex M |
/// | 128 | 8 | turn: owner, the member that takes precedence while its slice lasts; 0 = none |
/// | 136 | 8 | turn: holder, the member that has the turn; 0 = none |
/// | 144 | 8 | turn: since when, nanoseconds of CLOCK_MONOTONIC_COARSE |
/// | 152 | 8 | turn: how often it was taken |
/// | 160 | 8 | turn: end of the owner's slice, nanoseconds of CLOCK_MONOTONIC |
/// | 192 | 4 | turn: head, number << 2 + state (0 nobody, 1 waits for the slice's end, 2 comes next) |
/// | 196 | 4 | turn: the value of `head` that is passed over, because its process stands still |
/// | 200 | 8 | turn: since when the head waits, nanoseconds of CLOCK_MONOTONIC |
/// | 256 | 4 | turn: futex word, one more each time that an owner gives up its slice |
/// | 320 | 64 | turn: mutex H |
/// | 384 | 8 | commits: count |
/// | 392 | 4 | commits: futex word, one more at each commit |
/// | 396 | 4 | commits: 1 if somebody may wait |
/// | 448 | 8 | mail: one bit for each box with a letter that nobody has taken |
/// | 456 | 8 | mail: one bit for each box with a letter that whoever has the turn has in hand |
/// | 464 | 8 | mail: how many letters were done |
/// | 512 | 512 | 64 registers of 8 bytes |
/// | 1024 | 1024 | 16 futex words, each at the start of 64 bytes |
/// | 2048 | 64 | claims: mutex |
/// | 2112 | 8 | claims: the last number that was given out |
/// | 2120 | 4 | claims: how many records were ever in use |
/// | 2124 | 4 | claims: how many records have blocks in the file |
/// | 2128 | 4 | claims: first free record, plus 1 |
/// | 2132 | 4 | claims: how many places were ever in use |
/// | 2136 | 4 | claims: how many places have blocks in the file |
/// | 2176 | 4 | claims: the one that was given up last, plus 1 |
/// | 4096 | 1024 * 256 | members |
/// | 266240 | 64 * 4096 | mailboxes |
/// | 528384 | 4096 * 8 | hashes of the names of places; 0 = free |
/// | 561152 | 4096 * 1088 | places |
/// | 5017600 | 32768 * 64 | claims |
///
/// Behind the mailboxes there are blocks, and is content, only as far as the words at 2120 say.
///
/// A member, from the start of its 256 bytes:
///
/// | offset | size | what |
/// |---|---|---|
/// | 0 | 64 | mutex that a thread of the process holds as long as it has the page open |
/// | 64 | 8 | ID: slot in the low 16 bits, random number in the rest; 0 = free |
/// | 72 | 8 | process ID |
/// | 80 | 8 | start of the process, clock ticks since the system's start |
/// | 88 | 8 | when it opened the page, Unix milliseconds |
/// | 96 | 4 | how many of its threads wait for the turn |
/// | 104 | 8 | since when, nanoseconds of CLOCK_MONOTONIC |
/// | 128 | 64 | name of the program, UTF-8, ends with a zero; in 8 numbers, the first byte lowest |
/// | 192 | 8 | since when its oldest open snapshot is open, nanoseconds of CLOCK_MONOTONIC_COARSE; 0 = none |
/// | 200 | 4 | futex word, one more each time that one of its claims got what it waits for |
///
/// A place, from the start of its 1,088 bytes; numbers of claims are plus 1, 0 = none:
///
/// | offset | size | what |
/// |---|---|---|
/// | 0 | 4 | kind in the high 16 bits, length of the name in the low 16 |
/// | 4 | 4 | permits |
/// | 8 | 4 | first claim |
/// | 12 | 4 | last claim |
/// | 16 | 4 | first claim that may wait |
/// | 20 | 4 | how many permits are taken |
/// | 64 | 1024 | name |
///
/// A claim, from the start of its 64 bytes:
///
/// | offset | size | what |
/// |---|---|---|
/// | 0 | 8 | number << 2 + state (0 free, 1 waits, 2 holds, 3 given up) |
/// | 8 | 8 | ID of the member whose it is |
/// | 16 | 8 | since when, Unix milliseconds |
/// | 24 | 4 | process ID |
/// | 28 | 4 | place |
/// | 32 | 4 | next claim of the place, or next free one, plus 1 |
/// | 36 | 4 | previous claim of the place, plus 1 |
/// | 40 | 4 | the one that was given up before it, plus 1 |
/// | 44 | 4 | 1 if it counts among the permits that are taken |
///
/// A mailbox, from the start of its 4,096 bytes:
///
/// | offset | size | what |
/// |---|---|---|
/// | 0 | 4 | phase in the low 3 bits, then 1 bit: its owner sleeps; then the number of the letter |
/// | 8 | 8 | ID of the member whose it is; 0 = nobody's |
/// | 16 | 8 | LMDB's transaction that does what the letter says |
/// | 32 | 8 | how far the redo log must be on the disk for it; 0 = no matter; all ones: nobody can tell what became of it |
/// | 40 | 4 | length of the letter |
/// | 44 | 4 | number of the box, plus 1, whose owner is to be woken next; 0 = of none |
/// | 64 | 4032 | the letter |
enum Layout {
  static let revision: UInt32 = 5
  /// Since this revision whoever maps the page has a lock on the file.
  static let firstWithPresence: UInt32 = 4
  /// Since this revision the registers are where they are.
  static let firstWithTheseRegisters: UInt32 = 4
  static let version = revision | cfutex_abi() << 16
  /// "LMKVCTRL".
  static let magic: UInt64 = 0x4C52_5443_564B_4D4C
  static let fileSize = claimsStart + claimCapacity * claimSize
  /// What has blocks from the beginning.
  static let firstSize = mailboxesStart + mailboxCount * mailboxSize

  static let magicAt = 0
  static let versionAt = 8
  static let sizeAt = 12
  static let bootAt = 16
  static let initialisedAt = 32
  static let inOrderAt = 40
  static let namespaceAt = 48
  static let headerSize = 64

  static let turnMutex = 64
  static let owner = 128
  static let holder = 136
  static let heldSince = 144
  static let takes = 152
  static let sliceEnd = 160
  static let head = 192
  static let passedOver = 196
  static let headSince = 200
  static let handOvers = 256
  static let headMutex = 320

  static let commitCount = 384
  static let commitWord = 392
  static let commitWaiters = 396

  static let letters = 448
  static let lettersInHand = 456
  static let lettersDone = 464

  static let registersStart = 512
  static let registerCount = RegisterFile.count
  static let futexesStart = 1_024
  static let futexCount = 16

  static let claimsMutex = 2_048
  static let lastClaimNumber = 2_112
  static let claimsUsed = 2_120
  static let claimsReserved = 2_124
  static let freeClaim = 2_128
  static let placesUsed = 2_132
  static let placesReserved = 2_136
  static let givenUpClaim = 2_176

  static let membersStart = 4_096
  static let memberSize = 256
  static let memberCapacity = 1_024

  static let memberID = 64
  static let memberProcess = 72
  static let memberProcessStart = 80
  static let memberJoined = 88
  static let memberWaiters = 96
  static let memberWaitsSince = 104
  static let memberName = 128
  static let memberNameSize = 64
  static let memberOldestSnapshot = 192
  static let memberGrants = 200

  static let mailboxesStart = membersStart + memberCapacity * memberSize
  static let mailboxCount = 64
  static let mailboxSize = 4_096

  static let mailState = 0
  static let mailOwner = 8
  static let mailTransaction = 16
  static let mailPosition = 32
  static let mailLength = 40
  static let mailNext = 44
  static let mailLetter = 64

  static let placeHashesStart = firstSize
  static let placesStart = placeHashesStart + placeCapacity * 8
  static let placeCapacity = 4_096
  /// How many get their blocks at once: whole pages.
  static let placeStep = 64
  static let placeSize = 1_088
  static let placeNameCapacity = 1_024

  static let placeName = 0
  static let placePermits = 4
  static let placeFirst = 8
  static let placeLast = 12
  static let placeFirstWaiting = 16
  static let placeTaken = 20
  static let placeNameBytes = 64

  static let claimsStart = placesStart + placeCapacity * placeSize
  static let claimCapacity = 32_768
  static let claimStep = 1_024
  static let claimSize = 64

  static let claimState = 0
  static let claimMember = 8
  static let claimSince = 16
  static let claimProcess = 24
  static let claimPlace = 28
  static let claimNext = 32
  static let claimPrevious = 36
  static let claimGivenUpBefore = 40
  static let claimCounts = 44
}
