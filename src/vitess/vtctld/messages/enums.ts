/** Names of numbers, as Vitess has them. A number that is not here stays a number when it is read. */
export const enums = {
  TabletType: {
    UNKNOWN: 0,
    PRIMARY: 1,
    REPLICA: 2,
    RDONLY: 3,
    SPARE: 4,
    EXPERIMENTAL: 5,
    BACKUP: 6,
    RESTORE: 7,
    DRAINED: 8,
  },
  TabletSelection: { ANY: 0, INORDER: 1, UNKNOWN: 3 },
  OnDdl: { IGNORE: 0, STOP: 1, EXEC: 2, EXEC_IGNORE: 3 },
  StreamState: { Unknown: 0, Init: 1, Stopped: 2, Copying: 3, Running: 4, Error: 5, Lagging: 6 },
  AutoIncrementHandling: { LEAVE: 0, REMOVE: 1, REPLACE: 2 },
  ForeignKeyMode: { unspecified: 0, disallow: 1, unmanaged: 2, managed: 3 },
  ThrottlerCode: {
    UNDEFINED: 0,
    OK: 1,
    THRESHOLD_EXCEEDED: 2,
    APP_DENIED: 3,
    UNKNOWN_METRIC: 4,
    INTERNAL_ERROR: 5,
  },
} as const;
