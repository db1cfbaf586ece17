/// A moment on the monotonic clock until which something may be tried again.
struct Deadline {
  private let moment: ContinuousClock.Instant

  init(after seconds: Double) {
    moment = .now + .seconds(seconds)
  }

  var isPast: Bool {
    .now >= moment
  }
}
