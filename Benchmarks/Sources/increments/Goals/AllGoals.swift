/// The goals, in the order in which their loads are measured. At relaxed durability `lmdb-c` is MDB_NOSYNC, SQLite's
/// `synchronous` is NORMAL, and Redis syncs every second.
let allGoals: [Goal] =
  goals(
    .full,
    8,
    1,
    .rate(5, of: "lmdb-c"),
    .rate(3, of: "sqlite"),
    .rate(1, of: "redis"),
    .smallestShare(0.85),
    .longWait(0.5, of: "lmdb-c")
  )
  + goals(
    .full,
    8,
    8,
    .rate(25, of: "lmdb-c"),
    .rate(1.2, of: "redis"),
    .smallestShare(0.85),
    .longWait(0.5, of: "lmdb-c")
  )
  + goals(.full, 1, 64, .rate(30, of: "lmdb-c"), .rate(1.3, of: "redis"))
  + goals(.full, 1, 1, .rate(1.2, of: "lmdb-c"), .rate(1, of: "sqlite"))
  + goals(
    .relaxed,
    8,
    1,
    .rate(0.8, of: "lmdb-c"),
    .rate(3, of: "sqlite"),
    .rate(2.5, of: "redis"),
    .smallestShare(0.85),
    .longWait(0.5, of: "lmdb-c")
  )
  + goals(.relaxed, 1, 64, .rate(2, of: "lmdb-c"))
  + goals(.relaxed, 1, 1, .rate(0.9, of: "lmdb-c"))

private func goals(_ durability: Durability, _ processes: Int, _ tasks: Int, _ measures: Goal.Measure...) -> [Goal] {
  let load = Goal.Load(durability: durability, processes: processes, tasks: tasks)
  return measures.map { Goal(load: load, measure: $0) }
}
