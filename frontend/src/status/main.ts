// Makes the watch's pages livelier; each of them says everything without it.
import "../common/tokens.css";
import "../common/base.css";
import "../desk/form.css";
import "@fontsource-variable/source-serif-4/wght.css";
import "./status.css";
import { readyCharts } from "./charts";
import { readyForm } from "./form";
import { localTimes } from "./moments";
import { offerPush } from "./push";
import { renewal } from "./renewing";

const lang = document.documentElement.lang;

function lively(root: ParentNode): void {
  localTimes(root, lang);
  readyCharts(root, lang);
}

lively(document);
readyForm(document, lang);
renewal(document, lang, lively);

const push = document.querySelector<HTMLButtonElement>("#push");
const said = document.querySelector<HTMLElement>("#push-said");
if (push && said) void offerPush(push, said);
