/** Entries of the error catalogue about row stores on a server: what a person must mend before a run can begin. */
import { entry } from './error-entry.ts'

export const rowErrors = {
  rowsUnreachable: entry({
    code: 'SPW-0330',
    name: 'rowsUnreachable',
    errorClass: 'stop',
    text: (values: { store: string; reason: string }) => `${values.store} cannot be reached: ${values.reason}`,
    hint: 'Check host and port in the URL of the rows, and that the server runs and speaks CQL there.',
  }),
  rowsCredentials: entry({
    code: 'SPW-0331',
    name: 'rowsCredentials',
    errorClass: 'stop',
    text: (values: { store: string; reason: string }) => `${values.store} refuses to log in: ${values.reason}`,
    hint: 'Set CASSANDRA_USERNAME and CASSANDRA_PASSWORD.',
  }),
  keyspaceMissing: entry({
    code: 'SPW-0332',
    name: 'keyspaceMissing',
    errorClass: 'stop',
    text: (values: { store: string; keyspace: string }) => `${values.store}: there is no keyspace ${values.keyspace}`,
    hint: 'Create it: `topology init --keyspace`; or mend the URL of the rows.',
  }),
  rowsRights: entry({
    code: 'SPW-0333',
    name: 'rowsRights',
    errorClass: 'stop',
    text: (values: { store: string; reason: string }) => `${values.store}: this user may not do that: ${values.reason}`,
    hint: 'A run needs CREATE, ALTER, SELECT and MODIFY on the keyspace; readers need SELECT.',
  }),
  rowsDataCenter: entry({
    code: 'SPW-0334',
    name: 'rowsDataCenter',
    errorClass: 'stop',
    text: (values: { store: string; dataCenter: string; found: string }) =>
      `${values.store}: there is no data centre ${values.dataCenter}, only ${values.found}`,
    hint: 'Mend `?dc=` in the URL of the rows, or leave it out.',
  }),
} as const
