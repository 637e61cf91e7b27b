/**
 * A URL as it may be shown: without whatever could be a secret. People paste passwords into URLs, and the line that
 * refuses them must not be the one that keeps them in a log.
 *
 * Errs to the safe side: of a URL that names a server only plain hosts, paths and known parameters are shown. A secret may
 * hold any letter, `/`, `?` and `@` among them, so what precedes the last `@` is never taken apart.
 */
const mask = '***'

/** Embedded resources have paths, in which `@` is a letter like any other. */
const pathSchemes: ReadonlySet<string> = new Set(['file', 'sqlite', 'memory'])

/** Parameters whose values are no secrets. */
const openParameters: ReadonlySet<string> = new Set(['partitions', 'retention', 'dc', 'ttl', 'encryption', 'kmsKey'])

const plainHosts = /^(?:[\w.-]*|\[[0-9a-f:.]*\])(?::\d*)?(?:,(?:[\w.-]*|\[[0-9a-f:.]*\])(?::\d*)?)*$/i

export const shownUrl = (url: string): string => {
  const [, scheme = '', rest = ''] = /^(?:([a-z][a-z0-9+.-]*):)?(.*)$/is.exec(url) ?? []
  const slashes = rest.startsWith('//') ? '//' : ''
  const place = rest.slice(slashes.length)
  return `${scheme === '' ? '' : `${scheme}:`}${slashes}${pathSchemes.has(scheme) ? shownQuery(place) : shownPlace(place)}`
}

/** Whether the URL carries a user or a password in front of its host. */
export const hasCredentials = (url: string): boolean => /^[^:]*:(?:\/\/)?\*\*\*@/.test(shownUrl(url))

const shownPlace = (place: string): string => {
  const [authority = ''] = place.split(/[/?]/, 1)
  if (plainHosts.test(authority)) return shownQuery(place)
  const at = place.lastIndexOf('@')
  return at < 0 ? mask : `${mask}@${shownQuery(place.slice(at + 1))}`
}

const shownQuery = (place: string): string => {
  const start = place.indexOf('?')
  if (start < 0) return place
  const parameters = place.slice(start + 1).split('&')
  return `${place.slice(0, start)}?${parameters.map(shownParameter).join('&')}`
}

const shownParameter = (parameter: string): string => {
  const [name = '', value] = parameter.split('=', 2)
  if (!/^\w*$/.test(name)) return mask
  return value === undefined || openParameters.has(name) ? parameter : `${name}=${mask}`
}
