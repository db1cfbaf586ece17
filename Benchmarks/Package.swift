// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("ExistentialAny"),
]

/// A package of its own, so that the rivals never enter the build of somebody who uses LMKV.
let package = Package(
  name: "lmkv-benchmarks",
  platforms: [.macOS(.v15)],
  dependencies: [
    .package(name: "lmkv", path: ".."),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
    .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
    .package(url: "https://github.com/ordo-one/TextTable", from: "0.0.2"),
    .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
  ],
  targets: [
    .systemLibrary(name: "CSystemLMDB", pkgConfig: "lmdb", providers: [.apt(["liblmdb-dev"]), .brew(["lmdb"])]),
    .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"]), .brew(["sqlite"])]),
    .target(name: "CFloors", dependencies: ["CSystemLMDB"]),
    .target(name: "SQLite", dependencies: ["CSQLite"], swiftSettings: settings),
    .target(name: "Redis", dependencies: ["Harness"], swiftSettings: settings),
    .target(
      name: "Harness",
      dependencies: [
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Histogram", package: "hdrhistogram-swift"),
        .product(name: "TextTable", package: "TextTable"),
      ],
      swiftSettings: settings
    ),
    .target(name: "Records", dependencies: ["Harness"], swiftSettings: settings),
    .executableTarget(
      name: "increments",
      dependencies: [
        .product(name: "LMKV", package: "lmkv"),
        "CFloors", "Harness", "Redis", "SQLite",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "GRDB", package: "GRDB.swift"),
      ],
      swiftSettings: settings
    ),
    .executableTarget(
      name: "reads",
      dependencies: [
        .product(name: "LMKV", package: "lmkv"),
        "CFloors", "Harness", "SQLite",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: settings
    ),
    .executableTarget(
      name: "operations",
      dependencies: [
        .product(name: "LMKV", package: "lmkv"),
        "CFloors", "Harness", "Records", "SQLite",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: settings
    ),
    .executableTarget(
      name: "codec",
      dependencies: [
        .product(name: "LMKV", package: "lmkv"),
        "Harness", "Records",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "SwiftProtobuf", package: "swift-protobuf"),
      ],
      exclude: ["Record.proto"],
      swiftSettings: settings
    ),
  ]
)
