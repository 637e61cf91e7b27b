/**
 * Failures of the driver and of Cassandra as ours, told by their fields. Texts of the server are shown, those of the
 * authenticator are not: they name the user.
 *
 * What the cluster cannot do now is waited for (`retry`); what a person must mend ends the run (`stop`). A write that
 * timed out may have been made, at once or later: it is repeated with the same stamp (I-1), a compare-and-set is not.
 */
import { errors } from '../../../topology/model/errors.ts'
import { SpillwayError } from '../../../topology/model/spillway-error.ts'

// Codes of the native protocol.
const badCredentials = 0x0100
const overloaded = 0x1001
const bootstrapping = 0x1002
const unauthorized = 0x2100
const syntaxError = 0x2000
const invalid = 0x2200
const configuration = 0x2300
const alreadyExists = 0x2400

/** What the driver attaches to its errors. */
interface DriverFields {
  readonly name?: unknown
  readonly code?: unknown
  readonly message?: unknown
  readonly innerErrors?: Readonly<Record<string, unknown>> | null
}

const fieldsOf = (error: unknown): DriverFields =>
  typeof error === 'object' && error !== null ? error : { message: error }

/** The first error of a host, where the driver tried hosts one after the other. */
const causeOf = (error: unknown): DriverFields => {
  const fields = fieldsOf(error)
  const inner = Object.values(fields.innerErrors ?? {}).filter((each) => typeof each === 'object' && each !== null)
  return inner.length === 0 ? fields : causeOf(inner.find(isAuthentication) ?? inner[0])
}

const isAuthentication = (error: unknown): boolean => {
  const { name, code } = fieldsOf(error)
  return name === 'AuthenticationError' || code === badCredentials
}

/** One line without what cannot help a person. */
const reasonOf = (error: unknown): string => {
  const { innerErrors } = fieldsOf(error)
  const [host] = Object.keys(innerErrors ?? {})
  const text = String(causeOf(error).message ?? error).split('\n')[0]!
  const [first] = Object.values(innerErrors ?? {})
  return host === undefined ? text : `${host}: ${typeof first === 'string' ? first : text}`
}

const keyspacePattern = /^Keyspace '?"?([^'"]*)"?'? does not exist|^'?([^'"]+)'? is not a known keyspace/i

/** Takes anything thrown while talking to the cluster; a `SpillwayError` stays what it is. */
export const cassandraError = (store: string, error: unknown): SpillwayError => {
  if (error instanceof SpillwayError) return error
  const { code, name } = causeOf(error)
  const reason = reasonOf(error)
  if (isAuthentication(causeOf(error))) return errors.rowsCredentials({ store, reason: loginReason(reason) }, error)
  if (code === unauthorized) return errors.rowsRights({ store, reason }, error)
  const keyspace = keyspacePattern.exec(reason)
  if (code === invalid && keyspace !== null) {
    return errors.keyspaceMissing({ store, keyspace: keyspace[1] ?? keyspace[2] ?? '' }, error)
  }
  const isRefused = code === invalid || code === syntaxError || code === configuration || code === alreadyExists
  if (isRefused || name === 'TypeError') return errors.storeFormat({ store, reason }, error)
  return errors.storeUnavailable({ store, reason }, error)
}

const loginReason = (reason: string): string =>
  reason.includes('requires authentication') ? 'it wants user and password' : 'user or password is wrong'

const centrePattern = /localDataCenter was configured as '(.*)', but only found hosts in data centers: \[(.*)\]/

/** As `cassandraError`, before the first answer: then a cluster that cannot be reached is a wrong address. */
export const openingError = (store: string, error: unknown): SpillwayError => {
  if (error instanceof SpillwayError) return error
  const centre = centrePattern.exec(reasonOf(error))
  if (centre !== null) return errors.rowsDataCenter({ store, dataCenter: centre[1]!, found: centre[2]! }, error)
  const found = cassandraError(store, error)
  if (found.errorClass !== 'retry') return found
  return errors.rowsUnreachable({ store, reason: reasonOf(error) }, error)
}

/** Whether another host may do what this one could not, and this one has not begun it or may begin it again. */
export const isOfOneHost = (error: unknown): boolean => {
  const { name, code } = causeOf(error)
  const isSocket = 'isSocketError' in causeOf(error)
  return isSocket || name === 'NoHostAvailableError' || name === 'BusyConnectionError' || isOverload(code)
}

/** Whether the host says, or shows by its silence, that it has too much to do. */
export const isStrain = (error: unknown): boolean => {
  const { name, code } = causeOf(error)
  const isTimeout = code === 0x1100 || code === 0x1200 || name === 'OperationTimedOutError'
  return isTimeout || isOverload(code) || name === 'BusyConnectionError'
}

const isOverload = (code: unknown): boolean => code === overloaded || code === bootstrapping
