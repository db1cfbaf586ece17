internal import LMDB
