/** Everything that may befall a history, by the word that its story, its report and its swarm use for it. */

export const faultKinds = [
  // Processes.
  'crash',
  'freeze',
  'stop',
  'pressure',
  'clockSkew',
  'clockJump',
  'diskFull',
  'boltAway',
  'tune',
  // The log and its group.
  'fetchFails',
  'fetchShort',
  'fetchEmpty',
  'appendReplyLost',
  'retention',
  'gap',
  'rebalance',
  'zombieMember',
  'commitReplyLost',
  'election',
  // Rows and the ledger.
  'lateWrite',
  'lostWrite',
  'throttle',
  'timeoutApplied',
  'ledgerLost',
  'ledgerReplyLost',
  'ledgerLate',
  // Objects.
  'objectBefore',
  'objectAfter',
  'objectLate',
  'objectSlow',
  // What people and supervisors do meanwhile.
  'cut',
  'divert',
  'rejoin',
  'deadLetter',
  'replay',
  'pauseSink',
  'pauseDelete',
  'slow',
  'tenantRule',
  'drain',
  'promote',
  // Of a process whose lanes run in workers.
  'workerCrash',
  'workerFreeze',
  'workerDrain',
  'workerCount',
  // What the supervisors of lanes decide by themselves.
  'ownCut',
  'ownDivert',
  'ownRejoin',
] as const

export type FaultKind = (typeof faultKinds)[number]
