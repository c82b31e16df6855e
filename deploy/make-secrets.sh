#!/bin/sh
# Makes every password and key of the deployment in compose.yaml, once: deploy/make-secrets.sh [FOLDER]
set -eu
umask 077

folder=${1:-"$(dirname "$0")/secrets"}
if [ -e "$folder/env" ] || [ -e "$folder/keys.toml" ]; then
    echo "$folder holds secrets already; nothing was changed." >&2
    exit 1
fi
mkdir -p "$folder"
# The files inside are read by containers under other users, so this folder is what keeps them private.
chmod 0700 "$folder"

hex() { od -An -v -tx1 -N "$1" /dev/urandom | tr -d ' \n'; }
base64_key() { head -c 32 /dev/urandom | base64 | tr -d '\n'; }

s3_access=$(hex 10)
s3_secret=$(hex 32)

cat > "$folder/keys.toml" <<END
# Keys for personal data at rest. Keep a copy in a safe place: without it sealed values cannot be read.
current = "k1"
index = "$(base64_key)"
[keys]
k1 = "$(base64_key)"
END

key=$(hex 8)
cat > "$folder/checkpoint.toml" <<END
# The key that signs the checkpoints of the trail. Keep a copy apart from the database and the object store:
# whoever holds it together with both could write the trail anew.
current = "$key"
[private]
$key = "$(base64_key)"
END

cat > "$folder/settings.toml" <<END
# What this hall sets itself, by the names in docs/guide-operator.md without YICHUANG_ and in small letters.
# Take the # away where there is such a gateway; a gateway has a key of 16 characters or more.
# sms_url = "https://sms.example.org/messages"
# sms_key = ""
# voice_url = "https://voice.example.org/messages"
# voice_key = ""
# call_url = "http://10.0.0.9/calls"
# call_key = ""
# courier_url = "https://courier.example.org"
# courier_key = ""
# smtp_url = "smtps://hall:password@mail.example.org:465"
# mail_from = "noreply@example.org"
# webhook_networks = "10.12.0.0/16"
END

cat > "$folder/s3.json" <<END
{"identities": [{"name": "yichuang", "credentials": [{"accessKey": "$s3_access", "secretKey": "$s3_secret"}],
 "actions": ["Admin", "Read", "List", "Tagging", "Write"]}]}
END

cat > "$folder/security.toml" <<END
[jwt.signing]
key = "$(hex 32)"
[jwt.signing.read]
key = "$(hex 32)"
[jwt.filer_signing]
key = "$(hex 32)"
[jwt.filer_signing.read]
key = "$(hex 32)"
[access]
ui = false
END
chmod 0444 "$folder/keys.toml" "$folder/checkpoint.toml" "$folder/settings.toml" "$folder/s3.json" "$folder/security.toml"

cat > "$folder/env" <<END
POSTGRES_SUPERUSER_PASSWORD=$(hex 32)
POSTGRES_OWNER_PASSWORD=$(hex 32)
POSTGRES_APP_PASSWORD=$(hex 32)
BROKER_PASSWORD=$(hex 32)
S3_ACCESS_KEY=$s3_access
S3_SECRET_KEY=$s3_secret
END
echo "Secrets are in $folder. Add PUBLIC_URL, TLS_CERTIFICATE and TLS_KEY to $folder/env, then keep a copy of the folder."
