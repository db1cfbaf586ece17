public enum Value: Codable, Sendable, Hashable { case null }
