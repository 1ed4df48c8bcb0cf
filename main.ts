import { App } from "cdktf";
import { edgeStore } from "./stacks/edge-store.js";

const app = new App();
edgeStore(app);
app.synth();
