// swift-tools-version: 6.2
import PackageDescription

/// The settings of every target. `make` sets LMKV_STRICT, which turns warnings into errors; a package that merely
/// depends on LMKV never meets it.
let settings: [SwiftSetting] =
  [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("ExistentialAny"),
  ]
  + (Context.environment["LMKV_STRICT"] == nil ? [] : [.treatAllWarnings(as: .error)])

let package = Package(
  name: "lmkv",
  platforms: [.macOS(.v15)],
  products: [
    .library(name: "LMKV", targets: ["LMKV"]),
    .library(name: "LMDB", targets: ["LMDB"]),
    .executable(name: "lmkv", targets: ["LMKVCommand"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.6.0"),
  ],
  targets: [
    .systemLibrary(name: "CLMDB", pkgConfig: "lmdb", providers: [.apt(["liblmdb-dev"]), .brew(["lmdb"])]),
    .target(name: "LMDBPlatform", swiftSettings: settings),
    .systemLibrary(name: "CFutex"),
    .target(name: "CSpawn"),
    .target(name: "CFatal"),
    .target(
      name: "ControlPage",
      dependencies: ["CFutex", "LMDBPlatform"],
      swiftSettings: settings + [.strictMemorySafety()]
    ),
    .target(name: "LMDB", dependencies: ["CLMDB", "LMDBPlatform"], swiftSettings: settings + [.strictMemorySafety()]),
    .target(
      name: "LMKV",
      dependencies: [
        "CFutex", "LMDB", "LMDBPlatform", "ControlPage",
        .product(name: "OrderedCollections", package: "swift-collections"),
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: settings + [.strictMemorySafety()]
    ),
    .executableTarget(
      name: "LMKVCommand",
      dependencies: [
        "LMKV", "LMDBPlatform", "CFatal", "CSpawn",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: settings + [.strictMemorySafety()]
    ),
    .executableTarget(name: "QuickStart", dependencies: ["LMKV"], path: "Examples/QuickStart", swiftSettings: settings),
    .executableTarget(
      name: "LMDBTestDriver",
      dependencies: ["LMDB", "LMDBPlatform"],
      path: "Tests/LMDBTestDriver",
      swiftSettings: settings
    ),
    .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: settings),
    .testTarget(
      name: "LMDBTests",
      dependencies: ["LMDB", "LMDBPlatform", "LMDBTestDriver", "TestSupport"],
      swiftSettings: settings
    ),
    .target(
      name: "Serializability",
      dependencies: ["LMKV", "PowerSimulation"],
      path: "Tests/Serializability",
      swiftSettings: settings
    ),
    .executableTarget(
      name: "LMKVTestDriver",
      dependencies: ["LMKV", "LMDB", "Serializability"],
      path: "Tests/LMKVTestDriver",
      swiftSettings: settings
    ),
    .executableTarget(
      name: "LMKVScopesDriver",
      dependencies: ["LMKV"],
      path: "Tests/LMKVScopesDriver",
      swiftSettings: settings
    ),
    .testTarget(
      name: "LMKVTests",
      dependencies: [
        "LMKV", "LMDB", "ControlPage", "Serializability", "LMKVTestDriver", "LMKVScopesDriver", "QuickStart",
        .product(name: "Logging", package: "swift-log"),
      ],
      exclude: ["Durability/Version1"],
      swiftSettings: settings
    ),
    .executableTarget(
      name: "ControlPageDriver",
      dependencies: ["ControlPage", "LMDBPlatform"],
      path: "Tests/ControlPageDriver",
      swiftSettings: settings
    ),
    .testTarget(
      name: "ControlPageTests",
      dependencies: ["ControlPage", "LMDBPlatform", "ControlPageDriver"],
      swiftSettings: settings
    ),
    .target(name: "PowerRecorder", path: "Tests/PowerRecorder"),
    .target(name: "PowerSimulation", path: "Tests/PowerSimulation", swiftSettings: settings),
    .target(
      name: "FormatCheck",
      dependencies: ["LMKV", "LMDB"],
      path: "Tests/FormatCheck",
      swiftSettings: settings
    ),
    .executableTarget(
      name: "PowerDriver",
      dependencies: [
        "LMKV", "LMDB", "ControlPage", "PowerRecorder", "PowerSimulation", "FormatCheck",
        .product(name: "Logging", package: "swift-log"),
      ],
      path: "Tests/PowerDriver",
      swiftSettings: settings
    ),
    .testTarget(
      name: "PowerFailureTests",
      dependencies: ["PowerSimulation", "PowerDriver"],
      swiftSettings: settings
    ),
    .systemLibrary(name: "CPowerCut", path: "Tests/CPowerCut"),
    .executableTarget(name: "RecordedDisk", path: "Tests/RecordedDisk"),
    .executableTarget(
      name: "PowerCut",
      dependencies: ["CPowerCut", "PowerSimulation", "PowerDriver", "RecordedDisk"],
      path: "Tests/PowerCut",
      swiftSettings: settings
    ),
    .testTarget(name: "PowerCutTests", dependencies: ["PowerCut"], swiftSettings: settings),
    .target(name: "SteppedClock", path: "Tests/SteppedClock"),
    .executableTarget(
      name: "TortureDriver",
      dependencies: ["LMKV", "LMDB", "PowerSimulation", "FormatCheck", "SteppedClock", "TestSupport"],
      path: "Tests/TortureDriver",
      swiftSettings: settings
    ),
    .testTarget(name: "TortureTests", dependencies: ["TortureDriver"], swiftSettings: settings),
    .testTarget(name: "LMKVCommandTests", dependencies: ["LMKV", "LMDB", "LMKVCommand"], swiftSettings: settings),
  ]
)
