{{- define "daji.labels" -}}
app.kubernetes.io/name: daji
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end -}}

{{- define "daji.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}

{{- define "daji.secretName" -}}
{{ .Values.existingSecret | default (printf "%s-daji" .Release.Name) }}
{{- end -}}

{{- define "daji.homeClaim" -}}
{{ .Values.home.existingClaim | default (printf "%s-home" .Release.Name) }}
{{- end -}}

{{- define "daji.podSecurity" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
fsGroup: 10001
fsGroupChangePolicy: OnRootMismatch
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "daji.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}

{{- define "daji.env" -}}
- name: DAJI_PROXIES
  value: {{ .Values.proxies | quote }}
- name: DAJI_SERVE_DRAIN
  value: {{ .Values.drain | quote }}
- name: DAJI_SERVE_LEAVE
  value: {{ .Values.leave | quote }}
- name: DAJI_SECRET
  valueFrom:
    secretKeyRef:
      name: {{ include "daji.secretName" . }}
      key: secret
- name: DAJI_METRICS_TOKEN
  valueFrom:
    secretKeyRef:
      name: {{ include "daji.secretName" . }}
      key: metrics-token
{{- if .Values.postgres.enabled }}
# CloudNativePG keeps the password; the poolers stand in front of it, and sessions go past them.
- name: DB_PASSWORD
  valueFrom:
    secretKeyRef:
      name: {{ .Release.Name }}-postgres-app
      key: password
- name: DAJI_DATABASE_URL
  value: postgresql://daji:$(DB_PASSWORD)@{{ .Release.Name }}-pooler-rw:5432/daji
- name: DAJI_DATABASE_REPLICA_URL
  value: postgresql://daji:$(DB_PASSWORD)@{{ .Release.Name }}-pooler-ro:5432/daji
- name: DAJI_DATABASE_DIRECT_URL
  value: postgresql://daji:$(DB_PASSWORD)@{{ .Release.Name }}-postgres-rw:5432/daji
- name: DAJI_DATABASE_POOLER
  value: transaction
{{- else }}
- name: DAJI_DATABASE_URL
  valueFrom:
    secretKeyRef:
      name: {{ .Values.databaseSecret }}
      key: url
- name: DAJI_DATABASE_REPLICA_URL
  valueFrom:
    secretKeyRef:
      name: {{ .Values.databaseSecret }}
      key: replica-url
      optional: true
- name: DAJI_DATABASE_DIRECT_URL
  valueFrom:
    secretKeyRef:
      name: {{ .Values.databaseSecret }}
      key: direct-url
      optional: true
{{- end }}
{{- if .Values.redis }}
- name: DAJI_LIMIT_SHARED_URL
  value: {{ .Values.redis | quote }}
{{- end }}
{{- if .Values.nats.url | default .Values.nats.secret }}
- name: DAJI_NATS_URL
{{- if .Values.nats.secret }}
  valueFrom:
    secretKeyRef:
      name: {{ .Values.nats.secret }}
      key: url
{{- else }}
  value: {{ .Values.nats.url | quote }}
{{- end }}
- name: DAJI_NATS_STREAM
  value: {{ .Values.nats.stream | quote }}
- name: DAJI_NATS_KEEP_DAYS
  value: {{ .Values.nats.keepDays | quote }}
- name: DAJI_NATS_COPIES
  value: {{ .Values.nats.copies | quote }}
{{- end }}
{{- if .Values.otlpEndpoint }}
- name: OTEL_EXPORTER_OTLP_ENDPOINT
  value: {{ .Values.otlpEndpoint | quote }}
{{- end }}
{{- with .Values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "daji.probes" -}}
startupProbe:
  httpGet: { path: /health/live, port: http }
  periodSeconds: 2
  failureThreshold: 60
livenessProbe:
  httpGet: { path: /health/live, port: http }
  periodSeconds: 10
  timeoutSeconds: 3
  failureThreshold: 6
readinessProbe:
  httpGet: { path: /health/ready, port: http }
  periodSeconds: 2
  timeoutSeconds: 3
  failureThreshold: 2
{{- end -}}

{{- define "daji.mounts" -}}
- name: home
  mountPath: /var/lib/daji
- name: tmp
  mountPath: /tmp
{{- end -}}

{{- define "daji.volumes" -}}
- name: home
  persistentVolumeClaim:
    claimName: {{ include "daji.homeClaim" . }}
- name: tmp
  emptyDir:
    sizeLimit: 1Gi
{{- end -}}
