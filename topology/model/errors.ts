/**
 * The catalogue of errors. One entry each; messages, exit codes and the errors page are printed from it.
 *
 * Throw `errors.diskFull({ path })`; never `new SpillwayError` elsewhere. Codes are never reused.
 */
import { auditErrors } from './audit-errors.ts'
import { avroErrors } from './avro-errors.ts'
import { deleteErrors } from './delete-errors.ts'
import { entry } from './error-entry.ts'
import { groupErrors } from './group-errors.ts'
import { kafkaErrors } from './kafka-errors.ts'
import { knobErrors } from './knob-errors.ts'
import { latenessErrors } from './lateness-errors.ts'
import { lossErrors } from './loss-errors.ts'
import { objectErrors } from './object-errors.ts'
import { observeErrors } from './observe-errors.ts'
import { rowErrors } from './row-errors.ts'
import { shortText } from './short-text.ts'
import { SpillwayError } from './spillway-error.ts'
import { workerErrors } from './worker-errors.ts'

export const errors = {
  // Records: the dead letter carries the public name.
  invalidEvent: entry({
    code: 'SPW-0101',
    name: 'InvalidEventError',
    errorClass: 'reject',
    text: (values: { reason: string }) => values.reason,
    hint: 'The raw bytes are kept: `topology dead-letters show`.',
  }),
  invalidCollectionName: entry({
    code: 'SPW-0102',
    name: 'InvalidCollectionNameError',
    errorClass: 'reject',
    text: (values: { collection: string; reason: string }) =>
      `collection name ${JSON.stringify(shortText(values.collection))} ${values.reason}`,
    hint: '1 to 64 ASCII characters, no `$`, not starting with `_`, not starting or ending with `.`.',
  }),
  invalidProjectName: entry({
    code: 'SPW-0103',
    name: 'InvalidEventError',
    errorClass: 'reject',
    text: (values: { project: string; reason: string }) =>
      `project name ${JSON.stringify(shortText(values.project))} ${values.reason}`,
    hint: '1 to 255 characters; `.` and `..` are refused.',
  }),
  invalidPropertyName: entry({
    code: 'SPW-0104',
    name: 'InvalidPropertyNameError',
    errorClass: 'reject',
    text: (values: { property: string; reason: string }) =>
      `property name ${JSON.stringify(shortText(values.property))} ${values.reason}`,
    hint: 'The rule is on because the spout says `limits: "keen"`.',
  }),
  invalidPropertyValue: entry({
    code: 'SPW-0105',
    name: 'InvalidPropertyValueError',
    errorClass: 'reject',
    text: (values: { property: string; reason: string }) => `value of ${shortText(values.property)} ${values.reason}`,
    hint: 'Numbers must be finite; times ISO 8601, or epoch ms or s where the spout says so.',
  }),
  invalidKeenProperty: entry({
    code: 'SPW-0106',
    name: 'InvalidKeenNamespaceProperty',
    errorClass: 'reject',
    text: (values: { property: string }) => `keen.${shortText(values.property)} cannot be set by a client`,
    hint: 'Clients may set keen.timestamp, keen.location, keen.uniqueness_token and keen.addons.',
  }),
  namespaceType: entry({
    code: 'SPW-0107',
    name: 'NamespaceTypeError',
    errorClass: 'reject',
    text: (_values: Record<never, never>) => 'property keen is not an object',
    hint: "The name keen is reserved for the event's own properties.",
  }),
  boltFailed: entry({
    code: 'SPW-0108',
    name: 'BoltError',
    errorClass: 'reject',
    text: (values: { bolt: string; reason: string }) => `bolt ${values.bolt} failed: ${values.reason}`,
    hint: 'Mend the bolt, then `topology dead-letters redrive`.',
  }),
  noEventTime: entry({
    code: 'SPW-0109',
    name: 'BoltError',
    errorClass: 'reject',
    text: (values: { bolt: string; tuple: number }) =>
      `bolt ${values.bolt} emitted tuple ${values.tuple} without an event time: emit the event, or an object with \`timestamp\` (ms, ISO 8601 or Date)`,
    hint: 'Mend the bolt and run again; where records were dead-lettered for it, `topology dead-letters redrive`.',
  }),

  // The log.
  logFormat: entry({
    code: 'SPW-0203',
    name: 'logFormat',
    errorClass: 'stop',
    text: (values: { path: string; reason: string }) => `${values.path}: ${values.reason}`,
    hint: 'The folder is not a log of this version of Spillway.',
  }),
  logChanged: entry({
    code: 'SPW-0204',
    name: 'logChanged',
    errorClass: 'stop',
    text: (values: { topology: string; expected: string; found: string }) =>
      `topology ${values.topology} belongs to log ${values.expected}, this is log ${values.found}`,
    hint: 'A log made anew is another log: use other rows and objects, or another topology name.',
  }),
  recordTooLarge: entry({
    code: 'SPW-0205',
    name: 'recordTooLarge',
    errorClass: 'reject',
    text: (values: { bytes: number; max: number }) =>
      `a record of ${values.bytes} bytes exceeds the limit of ${values.max}`,
    hint: 'Split the event.',
  }),
  logPartitions: entry({
    code: 'SPW-0206',
    name: 'logPartitions',
    errorClass: 'stop',
    text: (values: { path: string; found: number; wanted: number }) =>
      `${values.path}: the log has ${values.found} partitions, not ${values.wanted}`,
    hint: 'The number is fixed when a log is made: leave `?partitions=` out, or name another folder.',
  }),

  // Stores.
  diskFull: entry({
    code: 'SPW-0301',
    name: 'diskFull',
    errorClass: 'retry',
    text: (values: { path: string }) => `no space left for ${values.path}; waiting, nothing is lost`,
    hint: 'Free some space: work goes on by itself.',
  }),
  storeUnavailable: entry({
    code: 'SPW-0302',
    name: 'storeUnavailable',
    errorClass: 'retry',
    text: (values: { store: string; reason: string }) => `${values.store}: ${values.reason}`,
    hint: 'Check the store; work goes on by itself.',
  }),
  storeFormat: entry({
    code: 'SPW-0303',
    name: 'storeFormat',
    errorClass: 'stop',
    text: (values: { store: string; reason: string }) => `${values.store}: ${values.reason}`,
    hint: 'Made by another version or another program. New rows and objects can be made from the log, which has everything.',
  }),
  rowsShape: entry({
    code: 'SPW-0304',
    name: 'rowsShape',
    errorClass: 'stop',
    text: (values: { table: string; reason: string }) => `table ${values.table}: ${values.reason}`,
    hint: 'Give the sink another name, or use other rows.',
  }),
  storeLocked: entry({
    code: 'SPW-0305',
    name: 'storeLocked',
    errorClass: 'stop',
    text: (values: { store: string }) => `another \`topology run\` works on ${values.store}`,
    hint: 'Embedded rows serve one run at a time; ingest, query and delete work beside it.',
  }),
  rowsAhead: entry({
    code: 'SPW-0306',
    name: 'rowsAhead',
    errorClass: 'stop',
    text: (values: { table: string; applied: number; seq: number }) =>
      `rows of ${values.table} stand at epoch ${values.applied}, the ledger at ${values.seq}: rows are ahead of the ledger`,
    hint: 'A restored ledger, or rows of another ledger: recompute into fresh rows.',
  }),
  objectForeign: entry({
    code: 'SPW-0307',
    name: 'objectForeign',
    errorClass: 'stop',
    text: (values: { key: string }) =>
      `object ${values.key} exists and is not ours: the prefix belongs to another topology or log`,
    hint: 'Use another folder or prefix for objects.',
  }),
  pathUnusable: entry({
    code: 'SPW-0308',
    name: 'pathUnusable',
    errorClass: 'stop',
    text: (values: { path: string; reason: string }) => `${values.path}: ${values.reason}`,
    hint: 'Check the path and its permissions.',
  }),

  // Engine.
  boltUnsteady: entry({
    code: 'SPW-0401',
    name: 'boltUnsteady',
    errorClass: 'stop',
    text: (values: { bolt: string; reason: string }) =>
      `bolt ${values.bolt} fails on a batch but on none of its records alone (${values.reason}): it is not a function of the record`,
    hint: 'A bolt must give the same for a record whatever the batch: no state between records, no clock, no random number.',
  }),
  tooManyRejects: entry({
    code: 'SPW-0402',
    name: 'tooManyRejects',
    errorClass: 'stop',
    text: (values: { sink: string; partition: number; rejected: number; of: number; cause: string }) =>
      `${values.rejected} of the last ${values.of} records of ${values.sink}, partition ${values.partition} would be dead-lettered (${values.cause}): that is a bug, not poison`,
    hint: 'Mend the topology or the producer; nothing was skipped.',
  }),
  foreignEpoch: entry({
    code: 'SPW-0403',
    name: 'foreignEpoch',
    errorClass: 'stop',
    text: (values: { sink: string; partition: number }) =>
      `an epoch of sink ${values.sink}, partition ${values.partition} was declared by other code and is not finished`,
    hint: 'Run the earlier version of the topology once with --until-caught-up, then this one.',
  }),
  sinkChanged: entry({
    code: 'SPW-0404',
    name: 'sinkChanged',
    errorClass: 'stop',
    text: (values: { sink: string }) =>
      `sink ${values.sink} has changed since it was first run: its rows would mix two meanings`,
    hint: 'Give the changed sink a new name (it is filled from the start), put the earlier definition back, or compute it beside what is there: `topology replay FILE --follow --into NAMESPACE`, then `topology promote NAMESPACE`.',
  }),
  sinkLapsed: entry({
    code: 'SPW-0405',
    name: 'sinkLapsed',
    errorClass: 'stop',
    text: (values: { sink: string }) =>
      `sink ${values.sink} was left out for so long that deletes have gone by without it: it would show what they took`,
    hint: 'Give the sink a new name: it is filled from the start.',
  }),

  // Declaration, configuration, commands: exit 2.
  badConfiguration: entry({
    code: 'SPW-0501',
    name: 'badConfiguration',
    errorClass: 'stop',
    text: (values: { problem: string }) => values.problem,
    hint: '',
  }),
  queryTooLarge: entry({
    code: 'SPW-0503',
    name: 'QueryTooLargeError',
    errorClass: 'reject',
    text: (values: { reason: string }) => values.reason,
    hint: 'Ask for a shorter timeframe or a longer interval.',
  }),
  tableTaken: entry({
    code: 'SPW-0504',
    name: 'tableTaken',
    errorClass: 'stop',
    text: (values: { sink: string; topology: string; store: string }) =>
      `sink ${values.sink} would write into a table that topology ${values.topology} keeps in ${values.store}`,
    hint: 'Give the sink another name, or the topology rows of its own.',
  }),
  geoFilterPath: entry({
    code: 'SPW-0507',
    name: 'InvalidPropertyNameForGeoFilter',
    errorClass: 'reject',
    text: (values: { path: string }) =>
      `operator within cannot be used on ${values.path} (InvalidPropertyNameForGeoFilter)`,
    hint: 'It takes keen.location.coordinates of events; the groups of a rollup are no places.',
  }),
  queryOverBudget: entry({
    code: 'SPW-0508',
    name: 'QueryTooLargeError',
    errorClass: 'reject',
    text: (values: { phase: string; budgetMs: number }) =>
      `the answer was given up: ${values.phase} took longer than ${values.budgetMs} ms`,
    hint: 'Ask for a shorter timeframe, a longer interval or fewer groups, or raise the knob fill.budgetMs.',
  }),
  recountRefused: entry({
    code: 'SPW-0517',
    name: 'RecountRefusedError',
    errorClass: 'reject',
    text: (values: { what: string }) =>
      `${values.what} is never counted again: every event was added once, and each delete has taken away what its events had added`,
    hint: 'To compute it anew beside the old, replay the log: `topology replay FILE --from TIME --to TIME --into NAMESPACE`, then `topology schema --namespace NAMESPACE`.',
  }),
  ...auditErrors,
  ...avroErrors,
  ...deleteErrors,
  ...kafkaErrors,
  ...groupErrors,
  ...knobErrors,
  ...latenessErrors,
  ...lossErrors,
  ...objectErrors,
  ...observeErrors,
  ...rowErrors,
  ...workerErrors,
} as const

/** A filesystem or SQLite failure as one of ours: full disks are waited for, the rest says which path. */
export const storageError = (path: string, cause: unknown): SpillwayError => {
  if (cause instanceof SpillwayError) return cause
  const fields = cause as { code?: unknown; errcode?: unknown; message?: unknown } // Node attaches these to its errors
  const isFull = fields.code === 'ENOSPC' || fields.code === 'EDQUOT' || fields.errcode === 13
  if (isFull) return errors.diskFull({ path }, cause)
  const isBusy = fields.errcode === 5 || fields.errcode === 6 || fields.code === 'EMFILE' || fields.code === 'EAGAIN'
  if (isBusy) return errors.storeUnavailable({ store: path, reason: String(fields.message) }, cause)
  return errors.pathUnusable({ path, reason: String(fields.message) }, cause)
}
