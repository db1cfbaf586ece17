internal import LMDB
internal import Synchronization

/// The newest catalog that this process has seen. Valid in a transaction whose head has the same generation.
final class CatalogCache: Sendable {
  private let newest = Mutex(Catalog(generation: 0))
  /// Of which generation a reader has opened the scopes. Who writes sees catalogs first, and opens nothing.
  let opened = Atomic<UInt64>(0)

  func catalog(of generation: UInt64) -> Catalog? {
    newest.withLock { $0.generation == generation ? $0 : nil }
  }

  func keep(_ catalog: Catalog) {
    newest.withLock { if catalog.generation > $0.generation { $0 = catalog } }
  }

  /// The catalog that a transaction sees.
  func catalog(in transaction: RawTransaction, generation: UInt64, _ environment: Environment) throws -> Catalog {
    if let known = catalog(of: generation) { return known }
    guard let database = unsafe environment.openedDatabase(Metadata.databaseName) else { return Catalog(generation: 0) }
    let catalog = unsafe try Metadata(transaction: transaction, database: database.number)
      .catalog(generation: generation)
    keep(catalog)
    return catalog
  }
}
