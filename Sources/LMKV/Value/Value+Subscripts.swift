internal import OrderedCollections

extension Value {
  /// The value of a key in a map, nil when there is none or when this is no map.
  ///
  ///     value["address"]["city"] = "London"
  ///     value["address"]["city"] == "London"
  ///     value["address"] = nil
  ///
  /// Setting a key in null makes a map of it; setting nil removes the key; `Value.null` is a value. Setting a key in
  /// anything that is neither a map nor null changes nothing.
  public subscript(key: String) -> Value? {
    get { self[.string(key)] }
    set { self[.string(key)] = newValue }
  }

  /// The same for a key that is any value, in a map whose keys are not strings.
  public subscript(key: Value) -> Value? {
    get { map?[key] }
    set {
      switch self {
      case .map(var map):
        // So that the map is not copied while it changes.
        self = .null
        map[key] = newValue
        self = .map(map)
      case .null:
        if let newValue { self = .map([key: newValue]) }
      default:
        break
      }
    }
  }

  /// The element of an array, nil when there is none at this index or when this is no array.
  ///
  /// Setting the index behind the last element appends; setting nil removes the element; any other index outside the
  /// array, and anything that is no array, stays as it is.
  public subscript(index: Int) -> Value? {
    get {
      guard case .array(let array) = self, array.indices.contains(index) else { return nil }
      return array[index]
    }
    set {
      guard case .array(var array) = self, (0...array.count).contains(index) else { return }
      self = .null
      switch newValue {
      case .some(let value) where index == array.count: array.append(value)
      case .some(let value): array[index] = value
      case .none: if index < array.count { array.remove(at: index) }
      }
      self = .array(array)
    }
  }
}

/// Lets subscripts follow each other: what is absent has no keys and no elements, and setting a key in it makes a map.
extension Optional where Wrapped == Value {
  public subscript(key: String) -> Value? {
    get { self?[key] }
    set {
      if self == nil, newValue == nil { return }
      var value = self ?? .null
      self = nil
      value[key] = newValue
      self = value
    }
  }

  public subscript(index: Int) -> Value? {
    get { self?[index] }
    set { self?[index] = newValue }
  }
}
