internal import ControlPage
internal import LMDB
internal import LMDBPlatform
internal import Logging

/// The pin: a snapshot of one process, which keeps LMDB from using pages again that the checkpoint needs.
///
/// Its owner opens it and closes it, and has nothing else to do with it: whoever has the turn to write moves it on, by
/// changing the transaction in the owner's slot of LMDB's table of readers. Only when the owner has died or closed the
/// store does somebody else become the owner, with a snapshot of his own.
///
/// That number is changed under the turn, in LMDB's write transaction, and only while the owner lives. A dead owner's slot
/// may be freed by any program, and taken by a new reader. Whoever dies between our look and our change leaves the slot
/// to a reader that begins while we have LMDB's lock, and which therefore sees the newest transaction: the one to which
/// the pin would be moved, so that nothing changes. One that began earlier found a slot whose owner was dead when we
/// looked: the kernel tells of a death in the control page before it drops the lock by which LMDB knows who lives.
extension Persistence {
  /// Whether somebody pins, and lives. It is asked twice in each transaction.
  @inline(__always)
  func isPinned(_ environment: Environment) -> Bool {
    guard let state, let pinned = livingPin(environment) else { return false }
    return pinned == state[.pinTransaction]
  }

  /// What the slot of the living owner holds. Nil without such an owner, and if he has lost his slot.
  @inline(__always)
  func livingPin(_ environment: Environment) -> UInt64? {
    guard let state, let control, !cannotPin, let owner = MemberID(rawValue: state[.pinOwner]),
      control.members.isAlive(owner)
    else { return nil }
    return environment.transaction(in: Int(truncatingIfNeeded: state[.pinSlot]))
  }

  /// Pins the newest transaction, whatever was freed before it. In LMDB's write transaction, which follows on it.
  ///
  /// - Returns: false when nobody can pin.
  func pinNewest(_ environment: Environment, _ last: UInt64) throws(LMDBError) -> Bool {
    if let pinned = livingPin(environment), movePin(environment, from: pinned, to: last) { return true }
    return try beginPin(environment)
  }

  /// Moves the pin on. In LMDB's write transaction, before that has changed anything.
  ///
  /// - Returns: false when it was lost.
  func movePin(_ environment: Environment, from pinned: UInt64, to last: UInt64) -> Bool {
    guard let state, pinned <= last else { return false }
    let slot = Int(truncatingIfNeeded: state[.pinSlot])
    // LMDB, like us, has looked for the oldest reader under its lock, and remembers no younger one than the pin was.
    guard environment.moveSnapshot(in: slot, from: pinned, to: last) else { return false }
    // Who finds the old one here, because we died, takes the pin for lost.
    state[.pinTransaction] = last
    state[.pinLastPage] = environment.lastPage
    return true
  }

  /// Makes this process the owner, with a snapshot of the newest transaction. In LMDB's write transaction.
  ///
  /// - Returns: false when the snapshot is not to be found in LMDB's table of readers.
  func beginPin(_ environment: Environment) throws(LMDBError) -> Bool {
    guard let state, let control, !cannotPin else { return false }
    dropPin(environment)
    let snapshot = try environment.beginPin()
    let slot: Int?
    do throws(LMDBError) {
      slot = try environment.slot(of: snapshot)
    } catch {
      environment.endPin(snapshot)
      throw error
    }
    guard let slot else {
      environment.endPin(snapshot)
      cannotPin = true
      options.logger.warning(
        "Every commit is synced by itself, since LMDB's table of readers is not as expected.",
        metadata: ["store": "\(directory)"]
      )
      return false
    }
    environment.parkPin()
    pin = snapshot
    // Nobody's in between, so that whoever finds an owner finds his slot.
    state[.pinOwner] = 0
    state[.pinSlot] = UInt64(slot)
    state[.pinTransaction] = unsafe snapshot.raw.id
    state[.pinLastPage] = environment.lastPage
    state[.pinOwner] = control.me.rawValue
    return true
  }

  // MARK: The end

  /// Ends the pin, whosever it is, because the file is clean. In LMDB's write transaction, or when we are alone.
  ///
  /// In the slot of another process it becomes an idle reader. Not while it keeps the newest transaction: should the owner
  /// die just now, a new reader could not be told from it. Then this is done with the next transaction.
  func releasePin(_ environment: Environment) {
    guard let state, let control else { return }
    if state[.pinOwner] == control.me.rawValue {
      state[.pinOwner] = 0
      return dropPin(environment)
    }
    if let pinned = livingPin(environment) {
      guard pinned < state[.lastTransaction] else { return }
      let slot = Int(truncatingIfNeeded: state[.pinSlot])
      _ = environment.moveSnapshot(in: slot, from: pinned, to: nil)
    }
    state[.pinOwner] = 0
  }

  /// Ends this process's snapshot. Under the turn, and not while it is the pin.
  func dropPin(_ environment: Environment) {
    guard let pin else { return }
    environment.unparkPin()
    environment.endPin(pin)
    self.pin = nil
  }

  /// Ends a snapshot of this process that is not the pin any more, or that of a clean file.
  func dropStalePin(_ environment: Environment) throws(LMDBError) {
    guard let control, let state, isStale(control, state) else { return }
    do throws(TurnError) {
      _ = try control.turn.take(timeout: .milliseconds(100))
    } catch {
      if case .timedOut = error { return }
      throw LMDBError(.init(rawValue: EBUSY), "take the turn to end a pin: \(error)")
    }
    defer { control.turn.release() }
    guard isStale(control, state) else { return }
    if state[.pinOwner] == control.me.rawValue { state[.pinOwner] = 0 }
    dropPin(environment)
  }

  private func isStale(_ control: ControlPage, _ state: SharedState) -> Bool {
    state[.pinOwner] != control.me.rawValue || !state.flag(.isDirty)
  }

  /// Gives up the pin because nobody here uses the store any more.
  ///
  /// Whoever writes now relies on it, so it stays until that one is done: if that takes long, a thread waits for it, and keeps
  /// the environment open until then. If this process ends before, the slot in LMDB's table stays as that of a dead one.
  ///
  /// - Returns: false when a thread waits, or somebody else must.
  func leavePin(_ environment: Environment, until deadline: UInt64) -> Bool {
    guard pin != nil, let control, let state, !control.members.isAlone else { return true }
    let patience = min(limits.closingPatience, MonotonicClock.timeLeft(until: deadline) ?? limits.closingPatience)
    if givePinUp(environment, control, state, timeout: patience) { return true }
    do {
      try Threads.start { [self] in _ = givePinUp(environment, control, state, timeout: nil) }
    } catch {
      // The next reference to the environment that goes waits.
      options.logger.warning(
        "No thread could be started to wait for a writer; closing the store waits for it: \(error)",
        metadata: ["store": "\(directory)"]
      )
    }
    return false
  }

  /// Ends this process's snapshot. If it is the pin the next one who writes begins another, and needs no checkpoint for that,
  /// since every page that was freed has its image.
  ///
  /// - Returns: false when the turn to write did not come in time. Nothing has changed then.
  func givePinUp(
    _ environment: Environment,
    _ control: ControlPage,
    _ state: SharedState,
    timeout: Duration?
  ) -> Bool {
    do throws(TurnError) {
      _ = try control.turn.take(timeout: timeout)
    } catch {
      switch error {
      // This thread's own transaction relies on it.
      case .timedOut, .takenTwice: return false
      // Without a turn that can be had by anybody nobody relies on the pin either.
      case .broken, .forked:
        dropPin(environment)
        return true
      }
    }
    defer { control.turn.release() }
    if state[.pinOwner] == control.me.rawValue {
      do throws(LMDBError) {
        if state.flag(.isDirty), !state.flag(.isChanging), !state.flag(.isBroken), isPinned(environment) {
          _ = try save(pagesFreedUntil: state[.lastTransaction], environment)
        }
      } catch {
        // Then the next one makes a checkpoint, and meets the same difficulty if it lasts.
      }
      state[.pinOwner] = 0
    }
    dropPin(environment)
    return true
  }
}

extension Environment {
  /// The readers of all processes, and which of them is the pin.
  func readersAndPin() throws(LMDBError) -> (all: [Reader], pin: Int?) {
    guard let persistence = companion as? Persistence, let state = persistence.state, let control = persistence.control,
      let owner = MemberID(rawValue: state[.pinOwner]), let processID = control.members.info(owner)?.processID
    else { return (try readers(), nil) }
    // It moves on meanwhile.
    let first = state[.pinTransaction]
    let all = try readers()
    let last = max(first, state[.safeTransaction])
    let pin = all.firstIndex { reader in
      reader.processID == processID && reader.transactionID.map { (first...last).contains($0) } ?? false
    }
    return (all, pin)
  }
}
