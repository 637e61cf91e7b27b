/** Entries of the error catalogue about deletes: what is refused before it is written, and what goes wrong behind that. */
import { entry } from './error-entry.ts'

export const deleteErrors = {
  deleteNotTold: entry({
    code: 'SPW-0110',
    name: 'BoltError',
    errorClass: 'reject',
    text: (values: { reason: string }) => `the delete that the event asks for cannot be told: ${values.reason}`,
    hint: 'Let `matches` of `propagateDeletes` give no filter for events that ask for nothing.',
  }),
  deleteTextMissing: entry({
    code: 'SPW-0309',
    name: 'deleteTextMissing',
    errorClass: 'stop',
    text: (values: { store: string; partition: number; digest: string }) =>
      `${values.store} has lost what deletes of partition ${values.partition} say (${values.digest}), which the ledger names`,
    hint: 'Rows and ledger belong together: restore both to the same moment, or recompute into fresh ones.',
  }),
  deleteTooExpensive: entry({
    code: 'SPW-0505',
    name: 'DeleteTooExpensiveError',
    errorClass: 'reject',
    text: (values: { class: string; reads: number; objects: number; most: number }) =>
      `a delete of class ${values.class} would read ${values.reads} records and rewrite up to ${values.objects} objects; unpermitted, ${values.most} may be read`,
    hint: 'Name the events by keen.id, or by a timeframe, or permit it: `topology delete --allow-scan`.',
  }),
  unsupportedDeleteFilter: entry({
    code: 'SPW-0506',
    name: 'UnsupportedDeleteFilterError',
    errorClass: 'reject',
    text: (values: { reason: string }) => values.reason,
    hint: 'Deletes take the operators eq ne lt lte gt gte exists in contains, and a timeframe.',
  }),
  deleteNamesNothing: entry({
    code: 'SPW-0511',
    name: 'deleteNamesNothing',
    errorClass: 'reject',
    text: (values: { project: string }) =>
      `the delete names no collection, no filter and no timeframe: it would take every event of project ${values.project}`,
    hint: 'Name what is to go, or say that all of it is meant: `topology delete --all`.',
  }),
  deleteIdTaken: entry({
    code: 'SPW-0512',
    name: 'deleteIdTaken',
    errorClass: 'reject',
    text: (values: { id: string; requested: string }) =>
      `delete ${values.id} is there already and asks for something else: ${values.requested}`,
    hint: 'Leave the id out for a new delete; the id alone completes the one that is there.',
  }),
  deleteIdUnknown: entry({
    code: 'SPW-0513',
    name: 'deleteIdUnknown',
    errorClass: 'reject',
    text: (values: { id: string; reason: string }) => `${values.id} ${values.reason}`,
    hint: 'An event has its id in keen.id: `topology events COLLECTION`.',
  }),
  deleteUnknown: entry({
    code: 'SPW-0516',
    name: 'deleteUnknown',
    errorClass: 'reject',
    text: (values: { id: string }) => `no delete has the id ${values.id}`,
    hint: 'Ids of deletes stand in `topology deletes`.',
  }),
  tooManyToCompare: entry({
    code: 'SPW-0514',
    name: 'tooManyToCompare',
    errorClass: 'reject',
    text: (values: { collection: string; events: number }) =>
      `${values.collection} has more than ${values.events} different events: they cannot be compared at once`,
    hint: 'Narrow the search by a timeframe.',
  }),
  deletesOpen: entry({
    code: 'SPW-0515',
    name: 'deletesOpen',
    errorClass: 'reject',
    text: (values: { collection: string; ids: string }) =>
      `deletes on ${values.collection} are not done: ${values.ids}; the event that is kept could be one that they take`,
    hint: 'Wait until `topology deletes` shows them done.',
  }),
} as const
