// A listener who comes on stage by an invitation: first by its secret, after a loss by the resume ticket.
import { deviceWord } from "../common/device";
import { api } from "../desk/api";
import { forget } from "./kept";
import { Peer } from "./peer";
import { Room } from "./room.svelte";

/** Neither a link nor a ticket: what a seat has until the studio gives one that brings it back. */
const NO_TICKET = "";

class GuestPeer extends Peer {
  constructor(
    private readonly secret: string,
    ...facts: ConstructorParameters<typeof Peer>
  ) {
    super(...facts);
  }

  override async join(space: string, ticket: string, name: string): Promise<{ participant: string; resume: string }> {
    if (ticket !== NO_TICKET) return super.join(space, ticket, name);
    return this.agree((sdp) => api.claim(space, this.secret, sdp, name, deviceWord()));
  }
}

/** A room to join without a link; `title` until the studio says its own. */
export function guestRoom(space: string, title: string, name: string, secret: string): Room {
  forget(NO_TICKET);
  const room = new Room(NO_TICKET, (...facts) => new GuestPeer(secret, ...facts));
  room.name = name;
  room.facts = {
    ...{ space, title, name, role: "speaker", state: "live", t0_utc: "", ice_servers: [] },
    ...{ listen_url: location.pathname, speaker_url: "" },
  };
  return room;
}
