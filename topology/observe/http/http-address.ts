/**
 * Where to listen: `9090`, `127.0.0.1:9090`, `[::1]:9090`, `0.0.0.0:9090`. A port alone stays on this machine: who wants
 * to be seen from outside says so.
 */
export interface HttpAddress {
  readonly host: string
  /** 0: any that is free. */
  readonly port: number
}

const shape = /^(?:(\[[0-9a-f:.]+\]|[\w.-]*):)?(\d{1,5})$/i

export const parseHttpAddress = (text: string): HttpAddress | { readonly problem: string } => {
  const [, host = '', digits = ''] = shape.exec(text) ?? []
  const port = Number(digits)
  if (digits === '' || port > 65_535)
    return { problem: `${JSON.stringify(text)} is no address such as 9090, 127.0.0.1:9090 or [::1]:9090` }
  return { host: host === '' ? '127.0.0.1' : host.replace(/^\[|\]$/g, ''), port }
}

const loopback = /^(?:127\.\d+\.\d+\.\d+|::1|localhost)$/i

export const isLoopback = (host: string): boolean => loopback.test(host)

/**
 * Whether the host that a request asks for can be ours. On loopback any page in a browser could reach us under a name of
 * its own that leads here; only this machine's own names and plain addresses are answered.
 */
export const isOwnHost = (listening: string, asked: string | undefined): boolean => {
  if (!isLoopback(listening) || asked === undefined) return true
  const name = asked.replace(/:\d+$/, '').replace(/^\[|\]$/g, '')
  return isLoopback(name) || name.endsWith('.localhost') || /^[\d.]+$|:/.test(name)
}
