"""SeaweedFS as an S3 server with object lock, on 127.0.0.1.

S3 itself asks for signed requests. Every other port (master, volume, filer; HTTP and gRPC) is for the
server's parts: it speaks mutual TLS with certificates that nobody else has, and asks for tokens besides.
"""

from __future__ import annotations

import datetime as dt
import http.client
import json
import ssl
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import urllib3
from minio import Minio
from minio.error import MinioException

from storage.embedded.binaries import weed
from storage.embedded.certificates import ensure_certificates
from storage.embedded.child import Child
from storage.embedded.credentials import Credentials
from storage.embedded.places import private_folder, write_private
from storage.embedded.ports import ensure_ports, read_ports

_HOST = "127.0.0.1"
_PARTS = ("master", "volume", "filer", "s3")
_PORTS = tuple(f"{part}{kind}" for part in _PARTS for kind in ("", "_grpc"))
_FIXED_OPTIONS = (
    f"-ip={_HOST}",
    f"-ip.bind={_HOST}",
    "-dir=files",
    "-master.peers=none",
    "-master.telemetry=false",
    "-master.volumeSizeLimitMB=256",
    "-volume.max=4096",
    "-volume.preStopSeconds=0",
    "-filer",
    "-filer.disableDirListing",
    "-filer.exposeDirectoryData=false",
    "-filer.ui.deleteDir=false",
    "-s3",
    "-s3.config=s3.json",
    "-s3.iam=false",
    "-s3.port.iceberg=0",
    "-s3.port.lance=0",
    "-s3.autoCreateBucket=false",
    "-s3.allowDeleteBucketNotEmpty=false",
    "-s3.allowedOrigins=http://127.0.0.1",
)
# A bucket starts with two volume files instead of seven: a new installation stays small.
_MASTER_TOML = "[master.volume_growth]\ncopy_1 = 2\n"


@dataclass(frozen=True)
class ObjectsServer:
    """The object store of one data folder.

    :param run: the folder of sockets.
    """

    data: Path
    run: Path
    credentials: Credentials

    @property
    def _folder(self) -> Path:
        return self.data / "objects"

    @property
    def _tls(self) -> Path:
        return self._folder / "tls"

    @property
    def _ports(self) -> dict[str, int]:
        return read_ports(self.data / "ports.json")

    @property
    def url(self) -> str:
        """The S3 address with its access key and secret."""
        access = quote(self.credentials.objects_access, safe="")
        secret = quote(self.credentials.objects_secret, safe="")
        return f"http://{access}:{secret}@{_HOST}:{self._ports['s3']}"

    def prepare(self) -> None:
        """Choose the ports and write certificates, keys and settings (all 0600).

        :raises Unavailable: a file cannot be written.
        """
        self._clear_sockets()
        ensure_ports(self.data / "ports.json", _PORTS)
        for folder in (self._folder, self._tls, self._folder / "files"):
            private_folder(folder)
        ensure_certificates(self._tls, dt.datetime.now(dt.UTC))
        write_private(self._folder / "security.toml", self._security().encode())
        write_private(self._folder / "master.toml", _MASTER_TOML.encode())
        write_private(self._folder / "s3.json", self._identities().encode())

    def child(self) -> Child:
        """Return the server for the supervisor to run."""
        logging = ("-config_dir=.", "-logtostderr=true", "-alsologtostderr=false", "-stderrthreshold=WARNING")
        return Child(
            name="objects",
            argv=(str(weed()), *logging, "server", *_FIXED_OPTIONS, *self._addresses()),
            env={"PATH": "/usr/bin:/bin", "HOME": str(self._folder)},
            # Everything above is relative to this folder: its options split paths at commas.
            cwd=self._folder,
            before=self._clear_sockets,
            after=self._clear_sockets,
            ready=self.is_ready,
            # Asked politely it waits 15 seconds for its own streams; what it acknowledged is with the kernel.
            stop_timeout=0.5,
        )

    def is_ready(self) -> bool:
        """Tell whether it takes signed requests and has a place for bytes now."""
        return self._has_volume_server() and self._answers_signed_requests()

    def _addresses(self) -> list[str]:
        ports = self._ports
        flags = [f"-{part}.port={ports[part]}" for part in _PARTS]
        flags += [f"-{part}.port.grpc={ports[f'{part}_grpc']}" for part in _PARTS]
        return [*flags, *(f"-{part}.localSocket={self.run / f'{part}.sock'}" for part in ("filer", "s3"))]

    def _clear_sockets(self) -> None:
        # The place of its gRPC sockets is fixed; they ask for a certificate too. A kill leaves them behind.
        folder = Path("/tmp")  # noqa: S108 - not our choice
        ports = self._ports
        for part in _PARTS if ports else ():
            # Somebody else's file of that name cannot be removed; the server then does without.
            with suppress(PermissionError):
                (folder / f"seaweedfs-{part}-grpc-{ports[f'{part}_grpc']}.sock").unlink(missing_ok=True)

    def _security(self) -> str:
        keys = {
            "jwt.signing": self.credentials.volume_write_key,
            "jwt.signing.read": self.credentials.volume_read_key,
            "jwt.filer_signing": self.credentials.filer_write_key,
            "jwt.filer_signing.read": self.credentials.filer_read_key,
        }
        tables = [f'[{table}]\nkey = "{key}"\n' for table, key in keys.items()]
        identity = 'cert = "tls/server.pem"\nkey = "tls/server.key"\n'
        tables += ["[access]\nui = false\n", '[grpc]\nca = "tls/ca.pem"\n']
        tables += [f"[grpc.{part}]\n{identity}" for part in (*_PARTS, "client")]
        tables += [f'[https.{part}]\n{identity}ca = "tls/ca.pem"\n' for part in ("master", "volume", "filer")]
        tables += [f'[https.client]\nenabled = true\n{identity}ca = "tls/ca.pem"\n']
        return "".join(tables)

    def _identities(self) -> str:
        pair = {"accessKey": self.credentials.objects_access, "secretKey": self.credentials.objects_secret}
        actions = ["Admin", "Read", "List", "Tagging", "Write"]
        return json.dumps({"identities": [{"name": "yichuang", "credentials": [pair], "actions": actions}]})

    def _has_volume_server(self) -> bool:
        context = ssl.create_default_context(cafile=str(self._tls / "ca.pem"))
        context.load_cert_chain(self._tls / "server.pem", self._tls / "server.key")
        connection = http.client.HTTPSConnection(_HOST, self._ports["master"], timeout=2, context=context)
        try:
            connection.request("GET", "/dir/status")
            return b'"DataNodes":[{' in connection.getresponse().read()
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def _answers_signed_requests(self) -> bool:
        pool = urllib3.PoolManager(retries=False, timeout=2)
        address = f"{_HOST}:{self._ports['s3']}"
        access, secret = self.credentials.objects_access, self.credentials.objects_secret
        client = Minio(address, access_key=access, secret_key=secret, secure=False, http_client=pool)
        try:
            client.list_buckets()
        except (MinioException, urllib3.exceptions.HTTPError):
            return False
        else:
            return True
        finally:
            pool.clear()
