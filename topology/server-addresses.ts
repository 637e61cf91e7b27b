/**
 * Hosts and ports of a URL that names several servers: `host:9092,host2,[::1]:9092`. A host without a port has the usual
 * one. What is wrong is told without repeating the part, for it may be half of a secret.
 */
const portMax = 65_535

export const readServerAddresses = (authority: string, usualPort: number): readonly string[] | { problem: string } => {
  const found: string[] = []
  for (const part of authority.split(',')) {
    const match = /^([\w.-]+|\[[0-9a-f:.]+\])(?::(.*))?$/is.exec(part)
    if (part === '') return { problem: 'names no host' }
    if (match === null) return { problem: 'names a host that is none: it is a name, an IPv4 address or [IPv6]' }
    const [, host = '', port = String(usualPort)] = match
    const isPort = /^\d{1,5}$/.test(port) && Number(port) >= 1 && Number(port) <= portMax
    if (!isPort) return { problem: `the port of ${host} is no number from 1 to ${portMax}` }
    found.push(`${host}:${Number(port)}`)
  }
  return [...new Set(found)]
}
