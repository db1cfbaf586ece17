// `Value.map` is an ordered dictionary: whoever has values can use it without a dependency of their own.
@_exported public import struct OrderedCollections.OrderedDictionary
