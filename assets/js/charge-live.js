// The page of staff: who is in charge is followed; what somebody is filling in stays as it is.
import { Channel } from "./channel.js";
import { charge } from "./charge.js";

const { room } = document.body.dataset;

new Channel({
  url: () => `/ws/rooms/${encodeURIComponent(room)}?as=html`,
  protocols: ["invigil.v1"],
  on: { frame: (frame) => frame.type === "delta" && charge(frame, room, () => {}), down: () => {}, stop: () => {} },
}).open();
