"""The chart renders to what a cluster takes: closed, unprivileged, probed, scaled, and able to lose a node."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from daji.faces.face import Face
from tests.deploy.go_templates import TemplateError, merge, render_chart

HERE = Path(__file__).parent
CHART = HERE.parents[1] / "deploy" / "helm" / "daji"
GIVEN: dict[str, Any] = {"secret": "x" * 40, "metricsToken": "token"}
FULL: dict[str, Any] = {
    **GIVEN,
    "redis": "redis://valkey:6379/0",
    "nats": {"url": "nats://nats:4222", "copies": 3, "pods": {"app.kubernetes.io/name": "nats"}},
    "otlpEndpoint": "http://collector:4318",
    "podMonitor": {"enabled": True},
    "extraEnv": [{"name": "DAJI_LOG_LEVEL", "value": "WARNING"}],
    "nodeSelector": {"disk": "ssd"},
    "tolerations": [{"key": "shop", "operator": "Exists"}],
    "ingress": {"annotations": {"a": "b"}},
    "postgres": {
        "storageClass": "fast",
        "backup": {"destinationPath": "s3://b/p", "endpointURL": "https://s3.test", "credentials": "s3"},
    },
}
OWN_DATABASE: dict[str, Any] = {
    **GIVEN,
    "existingSecret": "mine",
    "nats": {"secret": "stream"},
    "postgres": {"enabled": False},
    "databaseSecret": "database",
    "home": {"existingClaim": "disk"},
    "networkPolicy": {"enabled": False},
    "ingress": {"enabled": False},
}
CASES = {"given": GIVEN, "full": FULL, "own_database": OWN_DATABASE}
# What the API server asks for, by kind, where the schemas are not at hand: https://kubernetes.io/docs/reference/kubernetes-api
REQUIRED = {
    "Deployment": ("spec.selector", "spec.template.spec.containers"),
    "Job": ("spec.template.spec.containers", "spec.template.spec.restartPolicy"),
    "Service": ("spec.ports", "spec.selector"),
    "HorizontalPodAutoscaler": ("spec.scaleTargetRef", "spec.maxReplicas", "spec.minReplicas"),
    "PodDisruptionBudget": ("spec.selector",),
    "NetworkPolicy": ("spec.podSelector", "spec.policyTypes"),
    "Ingress": ("spec.rules",),
    "Secret": ("stringData",),
    "ServiceAccount": ("automountServiceAccountToken",),
    "PersistentVolumeClaim": ("spec.accessModes", "spec.resources.requests.storage"),
    "Cluster": ("spec.instances", "spec.storage.size", "spec.bootstrap.initdb.database"),
    "Pooler": ("spec.cluster.name", "spec.type", "spec.pgbouncer.poolMode"),
    "ScheduledBackup": ("spec.schedule", "spec.cluster.name"),
    "PodMonitor": ("spec.selector", "spec.podMetricsEndpoints"),
}
SCHEMAS: dict[str, Any] = json.loads((HERE / "kubernetes-1.33.json").read_text())
CUSTOM = ("postgresql.cnpg.io/", "monitoring.coreos.com/")


def documents(rendered: Mapping[str, str]) -> list[dict[str, Any]]:
    return [
        found
        for name, text in rendered.items()
        if name.endswith(".yaml")
        for found in yaml.safe_load_all(text)
        if found
    ]


@pytest.fixture(params=CASES, scope="module")
def made(request: pytest.FixtureRequest) -> list[dict[str, Any]]:
    return documents(render_chart(CHART, CASES[request.param]))


def of_kind(made: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [one for one in made if one["kind"] == kind]


def dig(found: Any, path: str) -> Any:
    for step in path.split("."):
        assert step in found, f"{path} is missing"
        found = found[step]
    return found


def pods(made: list[dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    for one in made:
        if one["kind"] in {"Deployment", "Job"}:
            yield one["metadata"]["name"], one["spec"]["template"]["spec"]


def test_every_document_has_what_its_kind_needs(made: list[dict[str, Any]]) -> None:
    for one in made:
        assert one["apiVersion"], one
        assert one["metadata"]["name"], one
        for path in REQUIRED[one["kind"]]:
            assert dig(one, path) is not None, (one["kind"], path)
    named = [(one["kind"], one["metadata"]["name"]) for one in made]
    assert len(named) == len(set(named))


def misfits(one: dict[str, Any]) -> list[str]:
    """What the API server would refuse."""
    name = SCHEMAS["kinds"][one["kind"]]
    schema = {"$ref": f"#/$defs/{name}", "$defs": SCHEMAS["$defs"]}
    return [
        f"{'.'.join(map(str, error.absolute_path))}: {error.message[:200]}"
        for error in jsonschema.Draft202012Validator(schema).iter_errors(one)
    ]


def test_the_documents_fit_the_schemas_of_kubernetes(made: list[dict[str, Any]]) -> None:
    wrong = {
        (one["kind"], one["metadata"]["name"]): found
        for one in made
        if not one["apiVersion"].startswith(CUSTOM) and (found := misfits(one))
    }
    assert wrong == {}


def test_what_does_not_fit_is_noticed(made: list[dict[str, Any]]) -> None:
    deployment = of_kind(made, "Deployment")[0]
    spec = deployment["spec"]
    assert misfits({**deployment, "spec": {**spec, "replica": 3}})
    assert misfits({**deployment, "spec": {**spec, "replicas": "three"}})
    assert misfits({**deployment, "spec": {"template": spec["template"]}})


def test_every_face_and_the_worker_run_scale_and_may_lose_a_node(made: list[dict[str, Any]]) -> None:
    parts = {face.value for face in Face} - {"all"} | {"worker"}
    for kind in ("Deployment", "HorizontalPodAutoscaler", "PodDisruptionBudget"):
        assert {one["metadata"]["name"] for one in of_kind(made, kind)} == {
            f"shop-{part}" for part in parts
        }, kind
    for one in of_kind(made, "Deployment"):
        assert "replicas" not in one["spec"]
        assert one["spec"]["strategy"]["rollingUpdate"]["maxUnavailable"] == 0
    for one in of_kind(made, "HorizontalPodAutoscaler"):
        assert 2 <= one["spec"]["minReplicas"] <= one["spec"]["maxReplicas"]


def test_no_pod_is_more_than_it_must_be(made: list[dict[str, Any]]) -> None:
    for name, pod in pods(made):
        assert pod["securityContext"]["runAsNonRoot"] is True, name
        assert pod["automountServiceAccountToken"] is False, name
        for container in pod["containers"]:
            context = container["securityContext"]
            assert context["readOnlyRootFilesystem"] is True
            assert context["allowPrivilegeEscalation"] is False
            assert context["capabilities"]["drop"] == ["ALL"]
            assert {"cpu", "memory"} <= set(container["resources"]["requests"])
            assert "memory" in container["resources"]["limits"]


def test_what_serves_is_probed_and_has_time_to_leave(made: list[dict[str, Any]]) -> None:
    for one in of_kind(made, "Deployment"):
        pod = one["spec"]["template"]["spec"]
        (container,) = pod["containers"]
        assert container["livenessProbe"]["httpGet"]["path"] == "/health/live"
        assert container["readinessProbe"]["httpGet"]["path"] == "/health/ready"
        told = {entry["name"]: entry.get("value") for entry in container["env"]}
        leaving = int(told["DAJI_SERVE_DRAIN"]) + int(told["DAJI_SERVE_LEAVE"])
        assert pod["terminationGracePeriodSeconds"] > leaving
        # The endpoint is gone before the process stops listening: readiness is asked often enough.
        probe = container["readinessProbe"]
        assert int(told["DAJI_SERVE_DRAIN"]) >= probe["periodSeconds"] * probe["failureThreshold"]


def test_labels_select_what_they_mean(made: list[dict[str, Any]]) -> None:
    for one in of_kind(made, "Deployment"):
        labels = one["spec"]["template"]["metadata"]["labels"]
        assert one["spec"]["selector"]["matchLabels"].items() <= labels.items()
    running = [one["spec"]["template"]["metadata"]["labels"] for one in of_kind(made, "Deployment")]
    for one in of_kind(made, "Service"):
        assert [found for found in running if one["spec"]["selector"].items() <= found.items()], one
    for one in of_kind(made, "PodDisruptionBudget"):
        wanted = one["spec"]["selector"]["matchLabels"].items()
        assert len([found for found in running if wanted <= found.items()]) == 1


def test_secrets_come_from_secrets(made: list[dict[str, Any]]) -> None:
    for name, pod in pods(made):
        for entry in pod["containers"][0]["env"]:
            if entry["name"] in {"DAJI_SECRET", "DAJI_METRICS_TOKEN", "DB_PASSWORD"}:
                assert "secretKeyRef" in entry["valueFrom"], name
            assert GIVEN["secret"] not in str(entry)


def test_the_schema_moves_before_the_code(made: list[dict[str, Any]]) -> None:
    (job,) = of_kind(made, "Job")
    assert "pre-upgrade" in job["metadata"]["annotations"]["helm.sh/hook"]
    assert job["spec"]["template"]["spec"]["containers"][0]["args"] == ["migrate"]


def test_nobody_gets_in_who_is_not_named() -> None:
    made = documents(render_chart(CHART, GIVEN))
    policies = {one["metadata"]["name"]: one["spec"] for one in of_kind(made, "NetworkPolicy")}
    assert "ingress" not in policies["shop-daji-closed"]
    assert set(policies) == {
        "shop-daji-closed",
        "shop-daji-figures",
        "shop-postgres-door",
        *(f"shop-{face}-door" for face in ("store", "console", "station", "live")),
    }


@pytest.mark.parametrize("given", CASES.values(), ids=CASES)
def test_the_stream_is_told_where_there_is_one_and_closed_to_others(given: dict[str, Any]) -> None:
    made = documents(render_chart(CHART, given))
    wanted = given.get("nats", {})
    for name, pod in pods(made):
        told = {entry["name"]: entry for entry in pod["containers"][0]["env"]}
        assert ("DAJI_NATS_URL" in told) == bool(wanted), name
        if "secret" in wanted:
            assert told["DAJI_NATS_URL"]["valueFrom"]["secretKeyRef"] == {"name": "stream", "key": "url"}
        if wanted:
            assert told["DAJI_NATS_COPIES"]["value"] == str(wanted.get("copies", 1))
    doors = [one for one in of_kind(made, "NetworkPolicy") if one["metadata"]["name"] == "shop-nats-door"]
    assert len(doors) == bool(wanted.get("pods"))
    for door in doors:
        daji, own = (step["from"][0]["podSelector"]["matchLabels"] for step in door["spec"]["ingress"])
        assert daji["app.kubernetes.io/name"] == "daji"
        assert own == door["spec"]["podSelector"]["matchLabels"] == wanted["pods"]


def test_the_front_sends_each_path_to_its_face() -> None:
    (ingress,) = of_kind(documents(render_chart(CHART, GIVEN)), "Ingress")
    shop, station = ingress["spec"]["rules"]
    to = {path["path"]: path["backend"]["service"]["name"] for path in shop["http"]["paths"]}
    assert to == {
        "/console/v1/live": "shop-live",
        "/console": "shop-console",
        "/static/console": "shop-console",
        "/": "shop-store",
    }
    assert {path["backend"]["service"]["name"] for path in station["http"]["paths"]} == {
        "shop-live",
        "shop-store",
        "shop-station",
    }


def test_a_shop_without_a_secret_is_refused() -> None:
    with pytest.raises(TemplateError, match="secret"):
        render_chart(CHART, {})


@pytest.mark.parametrize("given", CASES.values(), ids=CASES)
def test_the_values_fit_their_schema(given: dict[str, Any]) -> None:
    schema = json.loads((CHART / "values.schema.json").read_text())
    values = merge(yaml.safe_load((CHART / "values.yaml").read_text()), given)
    jsonschema.Draft7Validator(schema).validate(values)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft7Validator(schema).validate({**values, "publicUrl": "daji.example"})


@pytest.mark.parametrize("given", CASES.values(), ids=CASES)
def test_go_renders_the_same(given: dict[str, Any], tmp_path: Path) -> None:
    go = shutil.which("go")
    if go is None:
        pytest.skip("no Go on PATH to hold our renderer against")
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text())
    dot = {
        "Values": merge(yaml.safe_load((CHART / "values.yaml").read_text()), given),
        "Chart": {"AppVersion": chart["appVersion"]},
        "Release": {"Name": "shop", "Service": "Helm"},
    }
    templates = {path.name: path.read_text() for path in (CHART / "templates").iterdir()}
    done = subprocess.run(
        [go, "run", str(HERE / "go_render.go")],
        input=json.dumps({"templates": templates, "dot": dot}),
        capture_output=True,
        text=True,
        check=True,
        env={
            "HOME": str(tmp_path),
            "PATH": "/usr/bin:/bin:/usr/local/bin",
            "GOFLAGS": "-mod=mod",
            "GOPROXY": "off",
        },
    )
    ours, theirs = documents(render_chart(CHART, given)), documents(json.loads(done.stdout))
    key = lambda one: (one["kind"], one["metadata"]["name"])  # noqa: E731
    assert sorted(ours, key=key) == sorted(theirs, key=key)
