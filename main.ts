import { App } from "cdktf";
import { loadManifests } from "cdktf-cloudflare-kv";
import { edgeStore } from "./stacks/edge-store.js";

const app = new App();
edgeStore(app);
// Stacks may be written as YAML too: docs/manifest.md.
loadManifests(app, "stacks/*.yaml", { optional: true });
app.synth();
