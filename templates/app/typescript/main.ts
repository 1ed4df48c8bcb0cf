import { App } from "cdktf";
import { defineStacks } from "./stacks.js";

const app = new App();
defineStacks(app);
app.synth();
