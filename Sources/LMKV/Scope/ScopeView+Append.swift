extension ScopeView where Access == Transaction {
  /// Appends to the array under a key, which counts as empty when absent. A former expiry stays.
  ///
  /// - Returns: how many elements there are now.
  /// - Throws: ``LMKVError`` with `typeMismatch` when the value is no such array; nothing is changed then.
  @discardableResult
  public func append<Element>(_ key: String, _ element: Element, expires: Expiry = .kept) throws -> Int
  where Stored == [Element] {
    try append(key, contentsOf: CollectionOfOne(element), expires: expires)
  }

  /// Appends several elements to the array under a key. See `append(_:_:expires:)`.
  @discardableResult
  public func append<Element>(
    _ key: String,
    contentsOf elements: some Sequence<Element>,
    expires: Expiry = .kept
  ) throws -> Int
  where Stored == [Element] {
    try update(key, default: [], expires: expires) { $0.append(contentsOf: elements) }.count
  }
}

extension ScopeView where Access == Transaction, Stored == Value {
  /// Appends to the array under a key, which counts as empty when absent. A former expiry stays.
  ///
  /// - Returns: how many elements there are now.
  /// - Throws: ``LMKVError`` with `typeMismatch` when the value is no array; nothing is changed then.
  @discardableResult
  public func append(_ key: String, _ element: Value, expires: Expiry = .kept) throws -> Int {
    try append(key, contentsOf: CollectionOfOne(element), expires: expires)
  }

  /// Appends several elements to the array under a key. See `append(_:_:expires:)`.
  @discardableResult
  public func append(_ key: String, contentsOf elements: some Sequence<Value>, expires: Expiry = .kept) throws -> Int {
    try ScopeView<[Value], Transaction>(access: access, binding: binding)
      .append(key, contentsOf: elements, expires: expires)
  }
}
