/**
 * Profiles are data: what is set together while things are calm, while a backlog drains, and while something that others
 * need as well has to be spared. Which one applies is the controller's or a person's choice.
 */

export const profileNames = ['realtime', 'catch-up', 'protect'] as const
export type ProfileName = (typeof profileNames)[number]

export const isProfileName = (name: string): name is ProfileName => profileNames.some((one) => one === name)

/** Values in the order of `profileNames`; those of `realtime` are the initial values. */
export const profileValues: Readonly<Record<string, readonly [number, number, number]>> = {
  'live.reserveRatio': [0.5, 0.3, 0.8],
  'backlog.activeLanes': [0, 0, 1],
  'backlog.recordsPerSecond': [0, 0, 2_000],
  'catchUp.perPartitionRanges': [4, 8, 1],
  'replay.shareRatio': [0.1, 0.05, 0],
  'delete.shareRatio': [0.1, 0.05, 0.02],
  'fetch.minBytes': [1, 65_536, 65_536],
  'fetch.partitionBytes': [1_048_576, 4_194_304, 524_288],
  'fetch.totalBytes': [16_777_216, 67_108_864, 8_388_608],
  'fetch.backlogBytesPerSecond': [0, 0, 4_194_304],
  'batch.records': [500, 5_000, 500],
  'batch.waitMs': [20, 100, 100],
  'epoch.ageMs': [1_000, 10_000, 5_000],
  'epoch.bytes': [16_777_216, 67_108_864, 8_388_608],
  'rows.inFlightRequests': [256, 512, 64],
  'objects.targetBytes': [33_554_432, 134_217_728, 33_554_432],
  'objects.ageMs': [300_000, 900_000, 900_000],
  'objects.inFlightRequests': [16, 32, 4],
  'delete.rewriteMs': [10_000, 1_800_000, 3_600_000],
}

/** What live lanes keep from `realtime` in every profile: a profile slows or widens what lies behind, never fresh data. */
export const keptByLiveLanes: ReadonlySet<string> = new Set([
  'epoch.ageMs',
  'batch.records',
  'batch.waitMs',
  'objects.ageMs',
])

export const profileOf = (name: ProfileName): ReadonlyMap<string, number> => {
  const column = profileNames.indexOf(name)
  return new Map(Object.entries(profileValues).map(([knob, values]) => [knob, values[column]!]))
}
